/** A benchmark: the cells of a plan one after the other, and the report over those that are finished. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { FinetuneEvents } from '../finetune/run.js';
import { casesOfSplit, completed, readPretrained } from '../node/finetune.js';
import { writeFileAtomic } from '../system/files.js';
import { configYaml } from '../train/config/read.js';
import { type CellResult, checkRequest, readResult, runCell } from './cell.js';
import { type Cell, loadPlan, type Plan } from './plan.js';
import { writeBenchmarkReport } from './report.js';

export interface BenchmarkEvents {
  /** Before a cell is run; `done` cells of `total` are finished. */
  readonly onCell?: (cell: Cell, done: number, total: number) => void;
  readonly onResult?: (result: CellResult, done: number, total: number) => void;
  /** A cell that ended with an error that a user can mend; the others are run nevertheless. */
  readonly onFailure?: (cell: Cell, error: InputError) => void;
  /** What the run of a cell reports. */
  readonly run?: FinetuneEvents;
}

export interface BenchmarkResult {
  /** Whether all cells have a result. */
  readonly finished: boolean;
  readonly results: readonly CellResult[];
  readonly failures: readonly { readonly cell: Cell; readonly message: string }[];
  /** The path of the report. */
  readonly report: string;
}

const PLAN = 'plan.yaml';

/**
 * Runs what is not finished of a plan, and writes `report.html`, `results.csv` and `results.json`. A cell that has a result is not
 * run again; one that was interrupted goes on from its last checkpoint.
 * @throws InputError ('data') for data that cannot be read, ('checkpoint') for an initialisation that is missing, ('config') where the
 * folder holds cells of other settings; all before the first cell
 * @example
 * const { report } = await benchmark('runs/benchmark', loadPlan('plan.yaml'));
 */
export async function benchmark(folder: string, plan: Plan, events: BenchmarkEvents = {}): Promise<BenchmarkResult> {
  await check(folder, plan);
  writeFileAtomic(join(folder, PLAN), configYaml(plan.content));
  const { cells, content } = plan;
  const failures: { cell: Cell; message: string }[] = [];
  let done = cells.filter((cell) => readResult(folder, cell)).length;
  for (const cell of cells) {
    if (readResult(folder, cell)) continue;
    events.onCell?.(cell, done, cells.length);
    try {
      const result = await runCell(folder, cell, content.tasks[cell.task].split, events.run);
      if (result === null) break;
      events.onResult?.(result, ++done, cells.length);
      writeBenchmarkReport(folder, plan, resultsOf(folder, plan), failures);
    } catch (error) {
      if (!(error instanceof InputError) || error.code === 'file') throw error;
      failures.push({ cell, message: error.message });
      events.onFailure?.(cell, error);
    }
  }
  const results = resultsOf(folder, plan);
  const report = writeBenchmarkReport(folder, plan, results, failures);
  return { finished: results.length === cells.length, results, failures, report };
}

/**
 * Writes the report again from the results in the folder of a benchmark; nothing is run.
 * @throws InputError ('file') where the folder holds no benchmark
 */
export function rebuildBenchmarkReport(folder: string): BenchmarkResult {
  const path = join(folder, PLAN);
  if (!existsSync(path)) {
    throw new InputError(
      'file',
      `${path}: expected the plan of a benchmark, found none`,
      'Run it first: cover benchmark PLAN.yaml -o DIR',
    );
  }
  const plan = loadPlan(path);
  const results = resultsOf(folder, plan);
  const report = writeBenchmarkReport(folder, plan, results, []);
  return { finished: results.length === plan.cells.length, results, failures: [], report };
}

function resultsOf(folder: string, { cells }: Plan): CellResult[] {
  return cells.flatMap((cell) => readResult(folder, cell) ?? []);
}

/** Finds before the first step what would end a cell after hours. */
async function check(folder: string, { cells, content }: Plan): Promise<void> {
  for (const from of new Set(Object.values(content.initialisations)))
    if (from !== 'scratch') await readPretrained(from);
  const seen = new Set<string>();
  for (const cell of cells) {
    checkRequest(folder, cell);
    if (seen.has(cell.task)) continue;
    seen.add(cell.task);
    casesOfSplit(cell.config, content.tasks[cell.task].split);
    await checkSameNetwork(cells.filter(({ task }) => task === cell.task));
  }
}

/** Initialisations are compared on one network that sees the same images, or the comparison is one of networks. */
async function checkSameNetwork(cells: readonly Cell[]): Promise<void> {
  const [first, ...others] = [...new Map(cells.map((cell) => [cell.initialisation, cell])).values()];
  const wanted = await completed(first.config);
  for (const other of others) {
    const { config, initialisation } = other;
    const found = await completed({ ...config, data: { ...config.data, classes: wanted.data.classes } });
    const differs = shared.find(
      ([section, key]) => settingText(found, section, key) !== settingText(wanted, section, key),
    );
    if (!differs) continue;
    const [section, key] = differs;
    throw new InputError(
      'config',
      `${first.task}: expected one network for all initialisations, found ${section}.${key} ${settingText(wanted, section, key)} of ${first.initialisation} and ${settingText(found, section, key)} of ${initialisation}`,
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
