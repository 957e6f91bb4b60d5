/**
 * A benchmark: the cells of a plan one after the other, and the report over those that are finished. Any number of
 * processes, on any number of hosts that share the folder, may work on one plan: each cell has a lock.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import type { OnWarnings } from '../data/warnings.js';
import { partsOf } from '../finetune/cases.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { Pretrained } from '../finetune/pretrained.js';
import type { FinetuneEvents } from '../finetune/run.js';
import { casesOfSplit, completed, readPretrained } from '../node/finetune.js';
import { layoutOf } from '../node/layout.js';
import { writeFileAtomic } from '../system/files.js';
import { type Holder, withLock } from '../system/lock.js';
import { configYaml } from '../train/config/read.js';
import { type CellResult, checkRequest, lockCell, readFailure, readResult, runCell, writeFailure } from './cell.js';
import { type Cell, loadPlan, type Plan } from './plan.js';
import { writeBenchmarkReport } from './report.js';
import { checkSameData } from './same-data.js';
import { checkSameMethod } from './same-method.js';
import { seenByCells } from './seen.js';
import { type NotedUnfinished, notedUnfinished, type UnfinishedInitialisation, unfinishedAmong } from './unfinished.js';

export interface BenchmarkEvents {
  /** Before the first cell: an initialisation whose pretraining is not finished or whose weights are untrained. */
  readonly onUnfinished?: (unfinished: UnfinishedInitialisation) => void;
  /** Before the first cell: cases that will be scored though a pretraining has seen their images, a sentence. */
  readonly onSeen?: (note: string) => void;
  /** Before a cell is run; `done` cells of the plan's `total` are finished. */
  readonly onCell?: (cell: Cell, done: number, total: number) => void;
  readonly onResult?: (result: CellResult, done: number, total: number) => void;
  /** A cell that ended with an error that a user can mend; the others are run nevertheless. */
  readonly onFailure?: (cell: Cell, error: InputError) => void;
  /** What the run of a cell reports. */
  readonly run?: FinetuneEvents;
  /** Told what the readers of test images had to assume. */
  readonly onWarnings?: OnWarnings;
}

export interface BenchmarkOptions {
  /** The cells that this process may run; all where absent. */
  readonly cells?: readonly Cell[];
}

export interface BenchmarkResult {
  /** Whether all cells of the plan have a result. */
  readonly finished: boolean;
  readonly results: readonly CellResult[];
  readonly failures: readonly { readonly cell: Cell; readonly message: string }[];
  /** Pretrainings that were not finished, or untrained, when cells began with them. */
  readonly unfinished: readonly NotedUnfinished[];
  /** Cells that this process left to others, and who is at work on them. */
  readonly elsewhere: readonly { readonly cell: Cell; readonly holder: Holder }[];
  /** The path of the report. */
  readonly report: string;
}

const PLAN = 'plan.yaml';

/**
 * Runs what is not finished of a plan, and writes `report.html` with the numbers beside it. A cell that has a result is
 * not run again; one that was interrupted goes on from its last checkpoint; one that another process is at work on is
 * left to it.
 * @throws InputError ('data') for data that cannot be read, ('checkpoint') for an initialisation that is missing,
 * ('config') where the folder holds cells of other settings; all before the first cell
 * @example const { report } = await benchmark('runs/benchmark', loadPlan('plan.yaml'));
 */
export async function benchmark(
  folder: string,
  plan: Plan,
  events: BenchmarkEvents = {},
  { cells = plan.cells }: BenchmarkOptions = {},
): Promise<BenchmarkResult> {
  await check(folder, plan, cells);
  const open = cells.filter((cell) => !readResult(folder, cell));
  for (const one of unfinishedAmong(open)) events.onUnfinished?.(one);
  for (const note of await seenByCells(plan, open)) events.onSeen?.(note);
  writeFileAtomic(join(folder, PLAN), configYaml(plan.content));
  const elsewhere = await runCells(folder, plan, cells, events);
  return { ...(await reportOn(folder, plan)), elsewhere };
}

/** Runs the cells that no other process runs, until none is left or the run is stopped. */
async function runCells(
  folder: string,
  plan: Plan,
  cells: readonly Cell[],
  events: BenchmarkEvents,
): Promise<BenchmarkResult['elsewhere']> {
  const total = plan.cells.length;
  const done = () => resultsOf(folder, plan).length;
  let open = cells.filter((cell) => !readResult(folder, cell));
  // A process may die over its cell while this one runs others: what was left to it is asked for again.
  for (;;) {
    const elsewhere: { cell: Cell; holder: Holder }[] = [];
    for (const cell of open) {
      const lock = await lockCell(folder, cell);
      if (!('release' in lock)) {
        elsewhere.push({ cell, holder: lock });
        continue;
      }
      try {
        if (readResult(folder, cell)) continue;
        events.onCell?.(cell, done(), total);
        const result = await runCell(folder, cell, plan.content.tasks[cell.task]!.split, events);
        if (result === null) return elsewhere;
        events.onResult?.(result, done(), total);
        await reportOn(folder, plan);
      } catch (error) {
        if (!(error instanceof InputError) || error.code === 'file') throw error;
        writeFailure(folder, cell, error.message);
        events.onFailure?.(cell, error);
      } finally {
        lock.release();
      }
    }
    if (elsewhere.length === 0 || elsewhere.length === open.length) return elsewhere;
    open = elsewhere.map(({ cell }) => cell);
  }
}

/**
 * Writes the report again from the results in the folder of a benchmark; nothing is run.
 * @throws InputError ('file') where the folder holds no benchmark
 */
export async function rebuildBenchmarkReport(folder: string): Promise<BenchmarkResult> {
  const path = join(folder, PLAN);
  if (!existsSync(path)) {
    throw new InputError(
      'file',
      `${path}: expected the plan of a benchmark, found none`,
      'Run it first: cover benchmark PLAN.yaml -o DIR',
    );
  }
  return { ...(await reportOn(folder, loadPlan(path))), elsewhere: [] };
}

/** The report over what is there. Of several processes the last one to write has read what all others had finished. */
function reportOn(folder: string, plan: Plan): Promise<Omit<BenchmarkResult, 'elsewhere'>> {
  return withLock(join(folder, 'report.lock'), () => {
    const results = resultsOf(folder, plan);
    const failures = plan.cells.flatMap((cell) => {
      const message = readFailure(folder, cell);
      return message === undefined ? [] : [{ cell, message }];
    });
    const unfinished = notedUnfinished(folder, plan.cells);
    const report = writeBenchmarkReport(folder, plan, results, { failures, unfinished });
    return { finished: results.length === plan.cells.length, results, failures, unfinished, report };
  });
}

function resultsOf(folder: string, { cells }: Plan): CellResult[] {
  return cells.flatMap((cell) => readResult(folder, cell) ?? []);
}

/** Finds before the first step what would end a cell after hours. */
async function check(folder: string, plan: Plan, cells: readonly Cell[]): Promise<void> {
  const { content } = plan;
  for (const [name, begun] of Object.entries(content.initialisations)) {
    const runs = new Map<string, Pretrained>();
    for (const from of [begun].flat()) if (from !== 'scratch') runs.set(from, await readPretrained(from));
    checkSameMethod(name, runs);
  }
  // The report is over all cells, whichever of them are run here.
  for (const cell of plan.cells) checkRequest(folder, cell);
  const seen = new Set<string>();
  for (const { task, config } of cells) {
    if (seen.has(task)) continue;
    seen.add(task);
    const { split } = content.tasks[task]!;
    casesOfSplit(config, split);
    const own = plan.cells.filter((cell) => cell.task === task);
    await checkSameNetwork(own);
    await checkSameData(folder, own, partsOf(config, layoutOf(config)), split);
  }
}

/** Initialisations are compared on one network that sees the same images, or the comparison is one of networks. */
async function checkSameNetwork(cells: readonly Cell[]): Promise<void> {
  const [first, ...others] = [...new Map(cells.map((cell) => [cell.config.model.from, cell])).values()];
  if (!first) return;
  const wanted = await completed(first.config);
  const nameOf = ({ initialisation, pretraining, config }: Cell) =>
    pretraining === null ? initialisation : `${initialisation} (${config.model.from})`;
  for (const other of others) {
    const { config } = other;
    const found = await completed({ ...config, data: { ...config.data, classes: wanted.data.classes } });
    const differs = shared.find(
      ([section, key]) => settingText(found, section, key) !== settingText(wanted, section, key),
    );
    if (!differs) continue;
    const [section, key] = differs;
    throw new InputError(
      'config',
      `${first.task}: expected one network for all initialisations, found ${section}.${key} ${settingText(wanted, section, key)} of ${nameOf(first)} and ${settingText(found, section, key)} of ${nameOf(other)}`,
      `Set it for all of them in settings, such as {${section}: {${key}: …}}; scratch takes the default where none is set.`,
    );
  }
}

const shared = [
  ['model', 'channels'],
  ['data', 'channels'],
  ['data', 'size'],
  ['data', 'fit'],
  ['data', 'spacing'],
  ['data', 'intensity'],
  ['views', 'crop'],
] as const;

function settingText(config: FinetuneConfig, section: 'model' | 'data' | 'views', key: string): string {
  return JSON.stringify((config[section] as Record<string, unknown>)[key]);
}
