/** `cover benchmark`: initialisations compared on tasks, with few and many labels and several seeds. */
import { type Command, Option } from 'commander';
import { type BenchmarkResult, benchmark, rebuildBenchmarkReport } from '../benchmark/benchmark.js';
import { budgetText, type Cell, loadPlan } from '../benchmark/plan.js';
import { mainMetric } from '../benchmark/summary.js';
import { InputError } from '../core/errors.js';
import { createProgress } from './progress.js';
import { stoppable } from './stop-signals.js';

interface Options {
  readonly out?: string;
  readonly report?: boolean;
}

const help = `
Examples:
  cover benchmark plan.yaml -o runs/benchmark   again after an interruption
  cover benchmark runs/benchmark --report       the report alone, nothing runs

A plan:
  initialisations: {scratch: scratch, cover: runs/xrays}
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
    .addOption(new Option('--report', 'write the report of a folder again').conflicts('out'))
    .addHelpText('after', help)
    .action(async (path: string, { out, report: again }: Options) => {
      if (again) {
        tell(rebuildBenchmarkReport(path));
        return;
      }
      if (!out)
        throw new InputError('config', 'expected --out with a folder, found none', 'Example: -o runs/benchmark');
      const result = await run(path, out);
      tell(result);
      if (!result.finished) process.exitCode = 1;
    });
}

async function run(path: string, folder: string): Promise<BenchmarkResult> {
  const progress = createProgress(process.stdout);
  const plan = loadPlan(path);
  return stoppable(progress, (shouldStop) =>
    benchmark(folder, plan, {
      onCell: (cell, done, total) => progress.line(`${done + 1}/${total}  ${nameOf(cell)}`),
      onResult({ kind, metrics }) {
        const name = mainMetric[kind];
        progress.line(`  ${name === 'dice' ? 'Dice' : 'AUC'} ${metrics[name]?.toFixed(3) ?? 'not defined'}`);
      },
      onFailure: (_, { message }) => progress.line(`  failed: ${message}`),
      run: {
        onStep: ({ step, loss }, steps) =>
          progress.update(`  step ${step}/${steps}  loss ${loss.toFixed(4)}`, step === steps),
        shouldStop,
      },
    }),
  );
}

function nameOf({ task, initialisation, budget, seed }: Cell): string {
  return `${task}, ${initialisation}, ${budgetText(budget)}, seed ${seed}`;
}

function tell({ finished, results, failures, report }: BenchmarkResult): void {
  const failed = failures.length > 0 ? `, ${failures.length} failed` : '';
  console.log(`\n${results.length} cells have a result${failed}${finished ? '' : '; the same command goes on'}`);
  console.log(`  report  ${report}`);
}
