/**
 * One cell of a benchmark: a fine-tuning run in its own folder, the scores of its best checkpoint, pictures of the
 * worst cases, and `result.json`, written last. A cell with a result is finished and never run again; one without goes
 * on from its last checkpoint.
 */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dotted } from '../core/dotted.js';
import { InputError } from '../core/errors.js';
import { meanDefined } from '../core/statistics.js';
import type { LabelledCase, PartName } from '../data/labelled/index.js';
import type { OnWarnings } from '../data/warnings.js';
import type { FinetuneConfig, Task } from '../finetune/config.js';
import type { DataRecord } from '../finetune/data-record.js';
import type { FinetuneEvents } from '../finetune/run.js';
import { writeClassification, writeSegmentation } from '../metrics/files.js';
import { classMetrics, type Predictions, segmentationMetrics } from '../metrics/index.js';
import { evaluateClassifier } from '../node/evaluate-classification.js';
import { evaluateSegmenter } from '../node/evaluate-segmentation.js';
import { casesOfSplit, finetune, pretrainedOn } from '../node/finetune.js';
import { FolderStore } from '../node/folder-store.js';
import { loadFinetuned } from '../node/models.js';
import { openClassifier, openSegmenter } from '../node/networks.js';
import { writeFileAtomic } from '../system/files.js';
import { type Holder, type Lock, lockHolder, tryLock } from '../system/lock.js';
import type { Best } from '../train/checkpoint.js';
import { RunFolder } from '../train/run-folder.js';
import type { FinetunedModel } from '../use/finetuned-model.js';
import { contentOf } from './contents.js';
import type { Budget, Cell } from './plan.js';
import { noteUnfinished } from './unfinished.js';
import { drawWorstClassified, drawWorstSegmented, type WorstCase } from './worst-cases.js';

export interface CellResult {
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
  /** Means over the cases: those of a segmentation over its classes, or of a classification over the classes. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** The unit of distances. */
  readonly unit: 'mm' | 'px' | null;
  /** For each case the mean Dice over its classes, or the probability of the true class. */
  readonly cases: readonly { readonly id: string; readonly score: number | null }[];
  /** Of a classification. */
  readonly predictions: Predictions | null;
  readonly worst: readonly WorstCase[];
  /** Names of the scored cases whose images the pretraining was given; absent in older results. */
  readonly seen?: readonly string[];
  /** What the cases held that it learned from and was scored on; absent in older results. */
  readonly contents?: Readonly<Record<string, string>>;
}

/** So many of the worst cases are drawn. */
const WORST = 2;

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
  writeFileAtomic(join(folder, REQUEST), `${JSON.stringify(cell.config, null, 2)}\n`);
  const { finished, step, best } = await finetune(folder, goesOn ? { resume: true } : { config: cell.config }, run);
  if (!finished) return null;
  const model = loadFinetuned(folder);
  const cases = casesOfSplit(model.config, split);
  const scores = await (model.config.task === 'segmentation' ? scoreSegmentation : scoreClassification)(
    folder,
    model,
    cases,
    onWarnings,
  );
  const record = await readRecord(root, cell);
  const used = new Set([...(record?.labelled ?? []), ...(record?.validation ?? []), ...cases.map(({ id }) => id)]);
  const usedCases = casesOfSplit(model.config, 'all').filter(({ id }) => used.has(id));
  const contents = Object.fromEntries(usedCases.map((one) => [one.id, contentOf(one)]));
  const { task, initialisation, pretraining, budget, seed } = cell;
  const result: CellResult = {
    ...{ task, kind: model.config.task, initialisation, pretraining, budget, seed },
    ...{ labelled: record?.labelled.length ?? 0, steps: step, best, ...scores, contents },
    seen: await pretrainedOn(model.config.model.from, cases),
  };
  writeFileAtomic(join(folder, RESULT), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/**
 * A folder with a cell of other settings is not mixed with this one.
 * @throws InputError ('config') naming the first setting that differs
 */
export function checkRequest(root: string, { folder, config }: Cell): void {
  const path = join(root, folder, REQUEST);
  if (!existsSync(path)) return;
  const [known, wanted] = [JSON.parse(readFileSync(path, 'utf8')) as FinetuneConfig, config].map(
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

type Scores = Pick<CellResult, 'metrics' | 'unit' | 'cases' | 'predictions' | 'worst'>;

async function scoreSegmentation(
  folder: string,
  model: FinetunedModel,
  cases: readonly LabelledCase[],
  onWarnings: OnWarnings | undefined,
): Promise<Scores> {
  const segmenter = await openSegmenter(model, model.config);
  try {
    const { ignore } = model.config.data;
    const report = await evaluateSegmenter(segmenter, cases, { ignore, onWarnings });
    writeSegmentation(join(folder, 'test'), report);
    const rows = cases.map(({ id }) => {
      const own = report.scores.filter((score) => score.case === id);
      return { id, score: meanDefined(own.map(({ dice }) => dice)) };
    });
    return {
      metrics: Object.fromEntries(segmentationMetrics.map((name) => [name, report.mean[name].value])),
      unit: report.unit,
      cases: rows,
      predictions: null,
      worst: await drawWorstSegmented(folder, segmenter, cases, lowest(rows), ignore),
    };
  } finally {
    await segmenter.close();
  }
}

async function scoreClassification(
  folder: string,
  model: FinetunedModel,
  cases: readonly LabelledCase[],
  onWarnings: OnWarnings | undefined,
): Promise<Scores> {
  const classifier = await openClassifier(model, model.config);
  try {
    const { predictions, report } = await evaluateClassifier(classifier, cases, { onWarnings });
    writeClassification(join(folder, 'test'), report, predictions);
    const { classes, probabilities, truth } = predictions;
    const rows = cases.map(({ id }, row) => ({ id, score: probabilities[row * classes.length + truth[row]!]! }));
    const means = Object.fromEntries(classMetrics.map((name) => [name, report.macro[name].value]));
    return {
      metrics: { ...means, accuracy: report.accuracy.value, calibrationError: report.calibrationError.value },
      unit: null,
      cases: rows,
      predictions,
      worst: await drawWorstClassified(folder, classifier, cases, lowest(rows)),
    };
  } finally {
    await classifier.close();
  }
}

function lowest(rows: CellResult['cases']): { id: string; score: number }[] {
  const defined = rows.flatMap(({ id, score }) => (score === null ? [] : [{ id, score }]));
  return defined.sort((a, b) => a.score - b.score).slice(0, WORST);
}
