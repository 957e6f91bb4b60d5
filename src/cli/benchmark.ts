/** `cover benchmark`: initialisations compared on tasks, with few and many labels and several seeds. */
import { type Command, Option } from 'commander';
import { type BenchmarkResult, benchmark, rebuildBenchmarkReport } from '../benchmark/benchmark.js';
import { checkRequest, readResult } from '../benchmark/cell.js';
import { type Cell, cellName, loadPlan, type Plan } from '../benchmark/plan.js';
import { cellNumbered, cellState, cellsOfShare } from '../benchmark/select.js';
import { mainMetric } from '../benchmark/tables.js';
import { forecastText } from '../core/duration.js';
import { InputError } from '../core/errors.js';
import { printableMessage } from '../core/printable.js';
import { unfinishedText } from '../node/unfinished.js';
import { holderText } from '../system/lock.js';
import { warningsAtEnd } from './input-warnings.js';
import { wholeNumber } from './options.js';
import { createProgress } from './progress.js';
import { stoppable } from './stop-signals.js';

interface Options {
  readonly out?: string;
  readonly report?: boolean;
  /** True where no value is given. */
  readonly cell?: number | true;
  readonly cells?: string | true;
}

const help = `
Examples:
  cover benchmark plan.yaml -o runs/benchmark   again after an interruption
  cover benchmark runs/benchmark --report       the report alone, nothing runs
  cover benchmark plan.yaml -o runs/benchmark --cells      the cells, and how far they are
  cover benchmark plan.yaml -o runs/benchmark --cells 3/8  the third of eight shares

A plan:
  initialisations: {scratch: scratch, cover: runs/xrays}    # or cover: [runs/a, runs/b]
  tasks: {lungs: {data: lungs/, settings: {data: {size: [96, 96]}}}}
  cases: [5, 20]          # or fractions: [0.05, 0.2, 1]
  seeds: [0, 1, 2]
  settings: {schedule: {steps: 400}}`;

export function addBenchmark(program: Command): void {
  program
    .command('benchmark')
    .description('compare initialisations on tasks, label budgets and seeds')
    .argument('<plan>', 'a YAML plan; with --report the folder of a benchmark')
    .option('-o, --out <folder>', 'the folder of the benchmark')
    .addOption(new Option('--report', 'write the report of a folder again').conflicts(['out', 'cell', 'cells']))
    .option('--cells [share]', 'list the cells; with a share such as 3/8 run every eighth from the third on')
    .addOption(
      new Option('--cell [number]', 'run one cell (default: $SLURM_ARRAY_TASK_ID)')
        .argParser(wholeNumber)
        .conflicts('cells'),
    )
    .addHelpText('after', help)
    .action(async (path: string, options: Options) => {
      const { out } = options;
      if (options.report) {
        tell(await rebuildBenchmarkReport(path), 0);
        return;
      }
      const plan = loadPlan(path);
      if (options.cells === true) {
        await list(plan, out);
        return;
      }
      if (!out)
        throw new InputError('config', 'expected --out with a folder, found none', 'Example: -o runs/benchmark');
      const cells = chosen(plan, options);
      const result = await run(plan, out, cells);
      const left = cells.filter((cell) => !readResult(out, cell)).length;
      tell(result, left);
      // A signal has a code of its own.
      if (left > result.elsewhere.length) process.exitCode ??= 1;
    });
}

/** The cells that this process may run. */
function chosen(plan: Plan, { cell, cells }: Options): readonly Cell[] {
  if (typeof cells === 'string') return cellsOfShare(plan, cells);
  if (cell === undefined) return plan.cells;
  if (cell !== true) return [cellNumbered(plan, cell)];
  const number = process.env.SLURM_ARRAY_TASK_ID;
  if (number !== undefined && /^\d+$/.test(number)) return [cellNumbered(plan, Number(number))];
  if (number !== undefined) {
    throw new InputError(
      'config',
      `expected the number of a cell in SLURM_ARRAY_TASK_ID, found "${number}"`,
      'It is what --cell takes where no number follows it; give one: --cell 3',
    );
  }
  throw new InputError(
    'config',
    'expected --cell with a number, found none, and no SLURM_ARRAY_TASK_ID either',
    'List the cells with: cover benchmark PLAN.yaml --cells',
  );
}

async function list({ cells }: Plan, folder: string | undefined): Promise<void> {
  if (folder !== undefined) for (const cell of cells) checkRequest(folder, cell);
  const width = String(cells.length).length;
  for (const [index, cell] of cells.entries()) {
    const state = folder === undefined ? '' : `${(await cellState(folder, cell)).padEnd(8)}  `;
    console.log(`${String(index + 1).padStart(width)}  ${state}${cellName(cell)}`);
  }
}

async function run(plan: Plan, folder: string, cells: readonly Cell[]): Promise<BenchmarkResult> {
  const progress = createProgress(process.stdout);
  const warnings = warningsAtEnd();
  const result = await stoppable(progress, (shouldStop) =>
    benchmark(
      folder,
      plan,
      {
        onUnfinished: ({ initialisation, ...found }) =>
          progress.line(printableMessage(`note: ${initialisation}: ${unfinishedText(found)}`)),
        onSeen: (note) => progress.line(printableMessage(`note: ${note}`)),
        onCell: (cell, done, total) => progress.line(`${done + 1}/${total}  ${cellName(cell)}`),
        onResult({ kind, metrics }) {
          const name = mainMetric[kind];
          progress.line(`  ${name === 'dice' ? 'Dice' : 'AUC'} ${metrics[name]?.toFixed(3) ?? 'not defined'}`);
        },
        onFailure: (_, { message }) => progress.line(`  failed: ${message}`),
        onWarnings: warnings.note,
        run: {
          onStart({ warned }) {
            for (const one of warned) warnings.note(one.file, one.warnings);
          },
          onStep: ({ step, loss }, steps) =>
            progress.update(`  step ${step}/${steps}  loss ${loss.toFixed(4)}`, step === steps),
          onForecast: (forecast) => progress.line(`  ${forecastText(forecast)}`),
          shouldStop,
        },
      },
      { cells },
    ),
  );
  warnings.tell(console.error);
  return result;
}

/** @param left how many of the cells that were to be run have no result */
function tell({ results, failures, elsewhere, report }: BenchmarkResult, left: number): void {
  for (const { cell, holder } of elsewhere)
    console.log(`${cellName(cell)}: left to ${holderText(holder)} at work on it`);
  const failed = failures.length > 0 ? `, ${failures.length} failed` : '';
  const next = left === 0 ? '' : '; the same command goes on with what is left';
  const have = results.length === 1 ? 'cell has' : 'cells have';
  console.log(`\n${results.length} ${have} a result${failed}${next}`);
  console.log(`  report  ${report}`);
}
