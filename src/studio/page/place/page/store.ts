/**
 * Labelling projects of the page, laid out as the studio lays them out on disk: `labels/NAME/` with `project.json`,
 * `drawn/`, `predicted/`, and the dataset of the last training.
 */
import { z } from 'zod';
import { InputError } from '../../../../core/errors';
import { isVolumeName } from '../../../../data/file-names';
import type { Project, ProjectCase } from '../../../shared/protocol';
import { imagesIn } from './images';
import { checkedName, files, readJson, writeJson } from './opfs';

const recordSchema = z.object({
  /** Below `data/`. */
  folder: z.string(),
  classes: z.array(z.string().min(1)).min(2).max(32),
  from: z.string(),
  restIsBackground: z.boolean(),
  held: z.array(z.string()),
  runs: z.array(z.string()),
});
export type ProjectRecord = z.output<typeof recordSchema>;

const predictedSchema = z.object({
  run: z.string(),
  /** How far the run was. */
  step: z.number(),
  cases: z.record(z.string(), z.object({ uncertainty: z.number(), dice: z.number().nullable() })),
});
export type Predicted = z.output<typeof predictedSchema>;

export const projectPath = (name: string): string => `labels/${checkedName(name, 'project')}`;

/** @throws InputError ('file') where there is none, or it cannot be read */
export async function readRecord(name: string): Promise<ProjectRecord> {
  const content = await readJson(`${projectPath(name)}/project.json`);
  if (content === undefined) throw new InputError('file', `${name}: this browser has no project of this name`);
  const { success, data } = recordSchema.safeParse(content);
  if (success) return data;
  throw new InputError('file', `${name}/project.json cannot be read; the labels beside it are whole`);
}

export function writeRecord(name: string, record: ProjectRecord): Promise<void> {
  return writeJson(`${projectPath(name)}/project.json`, record);
}

/**
 * The images of a project by id: paths below `data/`.
 * @throws InputError ('data') for volumes, or where there are none
 */
export async function imagesOf({ folder }: Pick<ProjectRecord, 'folder'>): Promise<Map<string, string>> {
  const images = await imagesIn(folder);
  if (images.size === 0) throw new InputError('data', `${folder}: expected images, found none`, 'Add some first.');
  const volume = [...images.values()].find(isVolumeName);
  if (volume === undefined) return new Map([...images].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
  throw new InputError('data', `${folder}: expected images, found the volume ${volume}`, 'Take its slices.');
}

/** The cases that have been drawn in. */
export async function drawnIds(name: string): Promise<Set<string>> {
  const names = await files.list(`${projectPath(name)}/drawn`);
  return new Set(names.filter((file) => file.endsWith('.png')).map((file) => file.slice(0, -4)));
}

export async function readPredicted(name: string): Promise<Predicted> {
  const { data } = predictedSchema.safeParse(await readJson(`${projectPath(name)}/predicted/index.json`));
  return data ?? { run: '', step: 0, cases: {} };
}

export async function readProject(name: string): Promise<Project> {
  const record = await readRecord(name);
  const [images, drawn, { cases }] = await Promise.all([imagesOf(record), drawnIds(name), readPredicted(name)]);
  const caseList = [...images].map(([id, path]): ProjectCase => {
    const known = Object.hasOwn(cases, id) ? cases[id] : undefined;
    return {
      id,
      path,
      labelled: drawn.has(id),
      held: record.held.includes(id),
      uncertainty: known?.uncertainty ?? null,
      dice: known?.dice ?? null,
    };
  });
  const { folder, classes, from, restIsBackground, runs } = record;
  return {
    ...{ name, folder, classes, from, restIsBackground, runs },
    labelled: caseList.filter((one) => one.labelled).length,
    cases: caseList.length,
    caseList,
  };
}
