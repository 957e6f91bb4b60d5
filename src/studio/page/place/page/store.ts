/**
 * Labelling projects of the page, laid out as the studio lays them out on disk: `labels/NAME/` with `project.json`,
 * `drawn/`, `predicted/`, and the dataset of the last training.
 */
import { isPageFile, isPageVolume } from '../../../../browser/file-kinds';
import { InputError } from '../../../../core/errors';
import { compareNames } from '../../../../core/names';
import { stemOf } from '../../../../data/file-names';
import { type Predicted, type ProjectRecord, predictedIn, projectOf, recordIn } from '../../../answers/project';
import type { Project } from '../../../shared/protocol';
import { imagesIn } from './images';
import { checkedName, files, readText, writeJson } from './opfs';

export const projectPath = (name: string): string => `labels/${checkedName(name, 'project')}`;

/** @throws InputError ('file') where there is none, or it cannot be read */
export async function readRecord(name: string): Promise<ProjectRecord> {
  const text = await readText(`${projectPath(name)}/project.json`);
  if (text === undefined) throw new InputError('file', `${name}: this browser has no project of this name`);
  const record = recordIn(text);
  if (record) return record;
  throw new InputError('file', `${name}/project.json cannot be read; the labels beside it are whole`);
}

export function writeRecord(name: string, record: ProjectRecord): Promise<void> {
  return writeJson(`${projectPath(name)}/project.json`, record);
}

/**
 * The images and volumes of a project by id: paths below `data/`.
 * @throws InputError ('data') where there are none
 */
export async function imagesOf({ folder }: Pick<ProjectRecord, 'folder'>): Promise<Map<string, string>> {
  const images = await imagesIn(folder);
  if (images.size === 0) throw new InputError('data', `${folder}: expected images, found none`, 'Add some first.');
  return new Map([...images].sort(([a], [b]) => compareNames(a, b)));
}

/** The path of a case's image. @throws InputError ('file') for an id that the project does not have */
export async function imageOf(record: Pick<ProjectRecord, 'folder'>, id: string): Promise<string> {
  const path = (await imagesOf(record)).get(id);
  if (path !== undefined) return path;
  throw new InputError('file', `${id}: the project has no case of this name`);
}

/** The cases that have been drawn in. */
export async function drawnIds(name: string): Promise<Set<string>> {
  const names = await files.list(`${projectPath(name)}/drawn`);
  return new Set(names.filter(isPageFile).map(stemOf));
}

export async function readPredicted(name: string): Promise<Predicted> {
  return predictedIn((await readText(`${projectPath(name)}/predicted/index.json`)) ?? '');
}

export async function readProject(name: string): Promise<Project> {
  const record = await readRecord(name);
  const [images, drawn, predicted] = await Promise.all([imagesOf(record), drawnIds(name), readPredicted(name)]);
  const facts = [...images].map(([id, path]) => [id, { path, volume: isPageVolume(path) }] as const);
  return projectOf(name, record, new Map(facts), drawn, predicted);
}
