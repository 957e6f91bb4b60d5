/**
 * Labelling projects on disk. A project is a folder of its own beside the runs: what is drawn never goes where the
 * images are, so that no source image or label can be overwritten.
 *
 *     labels/NAME/project.json    the folder of the images, the classes, what is held out, the runs
 *     labels/NAME/drawn/          what was drawn: class indices, 255 where nobody painted (`masks.ts`)
 *     labels/NAME/dataset.json    with labels/ and splits.json: what `cover finetune` reads, written before it
 *     labels/NAME/predicted/      the newest prediction of every case, and how uncertain it is
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stemOf } from '../../../data/index.js';
import { filesById } from '../../../data/labelled/index.js';
import { writeFileAtomic } from '../../../system/files.js';
import { type Predicted, type ProjectRecord, predictedIn, projectOf, recordIn } from '../../answers/project.js';
import type { Project, ProjectSummary } from '../../shared/protocol.js';
import { projectName } from '../../shared/requests.js';
import { isVolume } from '../data/read.js';
import { existingPath, pathBelow } from '../paths.js';
import { refused } from '../refused.js';

export interface Places {
  /** The folder of the projects. */
  readonly labels: string;
  /** The folder of the data. */
  readonly data: string;
}

/** The folder of a project that is there. @throws Refused (404) */
export function projectFolder({ labels }: Places, name: string): string {
  if (!projectName.safeParse(name).success) throw refused(400, 'expected the name of a project');
  const folder = join(labels, name);
  if (!existsSync(join(folder, 'project.json'))) throw refused(404, `${name}: there is no project of this name`);
  return folder;
}

export function readRecord(places: Places, name: string): ProjectRecord {
  const record = recordIn(textAt(join(projectFolder(places, name), 'project.json')));
  if (record) return record;
  throw refused(409, `${name}/project.json cannot be read; the labels beside it are whole`);
}

export function writeRecord({ labels }: Places, name: string, record: ProjectRecord): void {
  writeFileAtomic(join(labels, name, 'project.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** @throws Refused (409) where the name is taken, InputError where the folder has no images */
export function createProject(places: Places, name: string, record: ProjectRecord): void {
  if (existsSync(join(places.labels, name))) throw refused(409, `${name}: there is a project of this name`);
  imagesOf(places, record);
  writeRecord(places, name, record);
}

/** The images of a project by id, absolute. */
export function imagesOf({ data }: Places, { folder }: Pick<ProjectRecord, 'folder'>): Map<string, string> {
  const base = existingPath(data, folder);
  const files = filesById(existsSync(join(base, 'images')) ? join(base, 'images') : base, { series: true });
  // A link among the images must not lead out of the data.
  for (const [id, path] of files) files.set(id, existingPath(data, pathBelow(data, join(path))));
  return files;
}

export function listProjects(places: Places): ProjectSummary[] {
  if (!existsSync(places.labels)) return [];
  return readdirSync(places.labels, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(places.labels, entry.name, 'project.json')))
    .flatMap(({ name }) => {
      try {
        const { folder, classes } = readRecord(places, name);
        const cases = imagesOf(places, { folder }).size;
        return [{ name, folder, classes, labelled: drawnIds(places, name).size, cases }];
      } catch {
        return [{ name, folder: '', classes: [], labelled: 0, cases: 0 }];
      }
    });
}

/** The cases that have been drawn in. */
export function drawnIds({ labels }: Places, name: string): Set<string> {
  const folder = join(labels, name, 'drawn');
  if (!existsSync(folder)) return new Set();
  return new Set(
    readdirSync(folder)
      .filter((file) => /\.(png|nii\.gz)$/.test(file))
      .map(stemOf),
  );
}

export function readPredicted({ labels }: Places, name: string): Predicted {
  return predictedIn(textAt(join(labels, name, 'predicted', 'index.json')));
}

/** The text of a file; empty where it is not there or cannot be read. */
function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function readProject(places: Places, name: string): Project {
  const record = readRecord(places, name);
  const images = [...imagesOf(places, record)].map(
    ([id, path]) => [id, { path: pathBelow(places.data, path), volume: isVolume(path) }] as const,
  );
  return projectOf(name, record, new Map(images), drawnIds(places, name), readPredicted(places, name));
}
