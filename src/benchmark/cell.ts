/**
 * One cell of a benchmark: a fine-tuning run in its own folder and the scores of its best checkpoint, or those of an
 * atlas; pictures of the worst cases, and `result.json`, written last. A cell with a result is finished and never run
 * again; one without goes on from its last checkpoint.
 */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dotted } from '../core/dotted.js';
import { InputError } from '../core/errors.js';
import type { LabelledCase, PartName } from '../data/labelled/index.js';
import type { OnWarnings } from '../data/warnings.js';
import { casesOf } from '../finetune/cases.js';
import type { FinetuneConfig, Task } from '../finetune/config.js';
import type { DataRecord } from '../finetune/data-record.js';
import type { FinetuneEvents } from '../finetune/run.js';
import { atlasSegmenter } from '../node/atlas.js';
import { casesOfSplit, completed, finetune, pretrainedOn } from '../node/finetune.js';
import { FolderStore } from '../node/folder-store.js';
import { layoutOf } from '../node/layout.js';
import { loadFinetuned, loadModel } from '../node/models.js';
import { openClassifier, openSegmenter } from '../node/networks.js';
import { writeFileAtomic } from '../system/files.js';
import { type Holder, type Lock, lockHolder, tryLock } from '../system/lock.js';
import type { Best } from '../train/checkpoint.js';
import { RunFolder } from '../train/run-folder.js';
import type { RunSource } from '../train/start.js';
import { storedSettings } from '../train/stored-settings.js';
import { contentOf } from './contents.js';
import type { Budget, Cell } from './plan.js';
import { type Scores, scoreClassification, scoreSegmentation } from './score.js';
import { noteUnfinished } from './unfinished.js';

export interface CellResult extends Scores {
  readonly task: string;
  readonly kind: Task;
  readonly initialisation: string;
  /** Which of several pretrainings, from 1; null, or absent in older results, where there is one alone or none. */
  readonly pretraining?: number | null;
  readonly budget: Budget;
  readonly seed: number;
  /** Training cases that were used. */
  readonly labelled: number;
  readonly steps: number;
  readonly best: Best | null;
  /** Names of the scored cases whose images the pretraining was given; absent in older results. */
  readonly seen?: readonly string[];
  /** What the cases held that it learned from and was scored on; absent in older results. */
  readonly contents?: Readonly<Record<string, string>>;
}

/** What a cell was asked for, its result, and the message of its last failure, in its folder. */
const REQUEST = 'cell.json';
const RESULT = 'result.json';
const FAILURE = 'failure.txt';

/** The result of a finished cell; undefined for another. */
export function readResult(root: string, cell: Cell): CellResult | undefined {
  const path = join(root, cell.folder, RESULT);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as CellResult) : undefined;
}

/** When a finished cell had its result, in ms since 1970 by the file server. */
export function resultTime(root: string, { folder }: Cell): number {
  return statSync(join(root, folder, RESULT)).mtimeMs;
}

/** Which cases a cell was about; null where it was not begun. */
export function readRecord(root: string, { folder }: Cell): Promise<DataRecord | null> {
  return new RunFolder(new FolderStore(join(root, folder))).record<DataRecord>('data');
}

/** Whether a cell was begun. */
export async function hasCheckpoint(root: string, { folder }: Cell): Promise<boolean> {
  return (await new RunFolder(new FolderStore(join(root, folder))).checkpoints()).length > 0;
}

/** Why the last try of a cell failed; undefined where none did, or it has a result by now. */
export function readFailure(root: string, cell: Cell): string | undefined {
  const path = join(root, cell.folder, FAILURE);
  return existsSync(path) && !readResult(root, cell) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** Writes down why a cell failed, so that the report of any process tells it. */
export function writeFailure(root: string, cell: Cell, message: string): void {
  writeFileAtomic(join(root, cell.folder, FAILURE), `${message}\n`);
}

/**
 * Takes a cell for this process, or tells who has it. The lock lies beside the cell's folder, in which its run has one
 * of its own.
 */
export function lockCell(root: string, { folder }: Cell): Promise<Lock | Holder> {
  return tryLock(`${join(root, folder)}.lock`, { name: join(root, folder) });
}

/** Who is at work on a cell; null where nobody is. */
export function cellHolder(root: string, { folder }: Cell): Holder | null {
  return lockHolder(`${join(root, folder)}.lock`);
}

/**
 * Runs a cell that has no result, from its beginning or its last checkpoint.
 * @returns the result, or null where the run was stopped
 * @throws InputError as a run does, or ('config') where the folder holds a cell of another plan
 */
export async function runCell(
  root: string,
  cell: Cell,
  split: PartName,
  { run, onWarnings }: { readonly run?: FinetuneEvents; readonly onWarnings?: OnWarnings } = {},
): Promise<CellResult | null> {
  const folder = join(root, cell.folder);
  checkRequest(root, cell);
  const goesOn = await hasCheckpoint(root, cell);
  rmSync(join(folder, FAILURE), { force: true });
  if (!goesOn) noteUnfinished(root, cell);
  writeFileAtomic(join(folder, REQUEST), `${JSON.stringify(requestOf(cell), null, 2)}\n`);
  const ended = cell.atlas
    ? await laidOver(folder, cell, split, onWarnings)
    : await trained(root, cell, goesOn ? { resume: true } : { config: cell.config }, split, { run, onWarnings });
  if (!ended) return null;
  const { config, cases, used, labelled, steps, best, scores } = ended;
  const known = new Map([...used, ...cases].map((one) => [one.id, one]));
  const contents = Object.fromEntries([...known].map(([id, one]) => [id, contentOf(one)]));
  const { task, initialisation, pretraining, budget, seed } = cell;
  const result: CellResult = {
    ...{ task, kind: config.task, initialisation, pretraining, budget, seed },
    ...{ labelled, steps, best, ...scores, contents },
    seen: await pretrainedOn(config.model.from, cases),
  };
  writeFileAtomic(join(folder, RESULT), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** What a cell came to. */
interface Ended extends Pick<CellResult, 'labelled' | 'steps' | 'best'> {
  /** Complete. */
  readonly config: FinetuneConfig;
  /** The cases that it is scored on, and those that it learned from or chose its step by. */
  readonly cases: readonly LabelledCase[];
  readonly used: readonly LabelledCase[];
  readonly scores: Scores;
}

/** By a fine-tuning; null where it was stopped. */
async function trained(
  root: string,
  cell: Cell,
  source: RunSource<FinetuneConfig>,
  split: PartName,
  { run, onWarnings }: { readonly run?: FinetuneEvents | undefined; readonly onWarnings?: OnWarnings | undefined },
): Promise<Ended | null> {
  const folder = join(root, cell.folder);
  const { finished, step, best } = await finetune(folder, source, run);
  if (!finished) return null;
  const model = loadFinetuned(folder);
  const { config } = model;
  const cases = casesOfSplit(config, split);
  const scores =
    config.task === 'segmentation'
      ? await scoreSegmentation(folder, await openSegmenter(model, config), cases, { ...config.data, onWarnings })
      : await scoreClassification(
          folder,
          await openClassifier(model, { ...config, images: cases.length }),
          cases,
          onWarnings,
        );
  const record = await readRecord(root, cell);
  const ids = new Set([...(record?.labelled ?? []), ...(record?.validation ?? [])]);
  const used = casesOfSplit(config, 'all').filter(({ id }) => ids.has(id));
  return { config, cases, used, labelled: record?.labelled.length ?? 0, steps: step, best, scores };
}

/** By an atlas of its labelled cases. */
async function laidOver(
  folder: string,
  cell: Cell,
  split: PartName,
  onWarnings: OnWarnings | undefined,
): Promise<Ended> {
  const config = await completed(cell.config);
  const { labelled } = casesOf(config, layoutOf(config));
  const cases = casesOfSplit(config, split);
  const model = loadModel(config.model.from);
  const { device, threads } = config;
  const segmenter = await atlasSegmenter(model, labelled, config, { device, threads, onWarnings });
  const scores = await scoreSegmentation(folder, segmenter, cases, { ...config.data, onWarnings });
  return { config, cases, used: labelled, labelled: labelled.length, steps: 0, best: null, scores };
}

/** What is kept of what a cell was asked for. */
function requestOf({ atlas, config }: Cell): object {
  return atlas ? { ...config, atlas } : config;
}

/**
 * A folder with a cell of other settings is not mixed with this one.
 * @throws InputError ('config') naming the first setting that differs
 */
export function checkRequest(root: string, cell: Cell): void {
  const { folder } = cell;
  const path = join(root, folder, REQUEST);
  if (!existsSync(path)) return;
  const stored = storedSettings(JSON.parse(readFileSync(path, 'utf8'))) as object;
  const [known, wanted] = [stored, requestOf(cell)].map(
    (settings) => new Map(dotted(settings).map(([name, value]) => [name, JSON.stringify(value)])),
  ) as [Map<string, string>, Map<string, string>];
  const other = [...new Set([...wanted.keys(), ...known.keys()])].find((key) => known.get(key) !== wanted.get(key));
  if (other === undefined) return;
  throw new InputError(
    'config',
    `${join(root, folder)}: expected a cell with ${other}=${wanted.get(other) ?? 'none'}, found one with ${known.get(other) ?? 'none'}`,
    'The plan has changed since: take another folder with -o, or remove the folder of the cell.',
  );
}
