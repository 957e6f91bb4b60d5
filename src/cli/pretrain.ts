/** `cover pretrain`: from a folder of images to a pretrained backbone. */
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../core/errors.js';
import { loadConfig } from '../pretrain/config-index.js';
import type { MethodMetrics } from '../pretrain/method.js';
import { type PretrainOptions, pretrain, type RunResult, type RunSource } from '../pretrain/run.js';
import { createProgress, metricText } from './progress.js';
import { factLines, initialWeightsLines, memoryLine } from './start-lines.js';
import { stoppable } from './stop-signals.js';

interface Options {
  readonly out: string;
  readonly config?: string;
  readonly preset?: string;
  readonly set: string[];
  readonly resume?: boolean;
  readonly extend?: string;
  readonly initFrom?: string;
  readonly ignoreMemory?: boolean;
}

const examples = `
Examples:
  cover pretrain xrays/ -o runs/first --set schedule.steps=2000
  cover pretrain scans/ -o runs/scans --set views.crop=[48,64,48]    volumes
  cover pretrain -o runs/first --resume          after a crash or Ctrl-C
  cover pretrain -o runs/first --extend 4000     on to 4000 steps in all
  cover pretrain ct/ -o runs/ct --init-from runs/first
  cover pretrain xrays/ -o runs/base --set method=contrast    a baseline`;

export function addPretrain(program: Command): void {
  program
    .command('pretrain')
    .description('pretrain a backbone on a folder of unlabelled images')
    .argument('[data]', 'a folder of images or volumes, or a manifest')
    .requiredOption('-o, --out <folder>', 'the run folder')
    .option('-c, --config <file>', 'a YAML configuration')
    .option('-p, --preset <name>', 'default, release or paper')
    .option('-s, --set <key=value>', 'one setting, repeatable', (value: string, all: string[]) => [...all, value], [])
    .option('--resume', 'continue the run in the folder, bit for bit')
    .option('--extend <steps>', 'train the finished run in the folder on to this total')
    .option('--init-from <path>', 'begin with the weights of a run, .safetensors or .pth')
    .option('--ignore-memory', 'start even if the memory may not suffice')
    .addHelpText('after', examples)
    .action(async (data: string | undefined, options: Options) => {
      const { ignoreMemory = false } = options;
      report(await run(options.out, sourceOf(data, options), { ignoreMemory }));
    });
}

function sourceOf(data: string | undefined, options: Options): RunSource {
  if (options.resume || options.extend !== undefined) {
    refuseOthers(data, options);
    return options.resume ? { resume: true } : { extend: Number(options.extend) };
  }
  const settings = data ? [...options.set, `data.source=${JSON.stringify(data)}`] : options.set;
  const { preset, config: file, initFrom } = options;
  const config = loadConfig({ settings, ...(preset ? { preset } : {}), ...(file ? { file } : {}) });
  if (!config.data.source) {
    throw new InputError('data', 'no images were named', 'Example: cover pretrain my-images/ -o runs/first');
  }
  return { config, ...(initFrom === undefined ? {} : { initFrom }) };
}

/** A run that goes on keeps its settings. */
function refuseOthers(data: string | undefined, options: Options): void {
  const extra = [
    data && 'DATA',
    options.config && '--config',
    options.preset && '--preset',
    options.set.length && '--set',
    options.initFrom && '--init-from',
    options.resume && options.extend && '--extend',
  ].filter(Boolean);
  if (extra.length === 0) return;
  const word = options.resume ? '--resume' : '--extend';
  throw new InputError(
    'config',
    `${word} goes on with the settings of the run; found ${extra.join(', ')} beside it`,
    'For other settings begin another run; --init-from takes the weights of this one.',
  );
}

/** A run with its progress printed, ended by Ctrl-C or SIGTERM with a checkpoint. */
export async function run(folder: string, source: RunSource, options: PretrainOptions = {}): Promise<RunResult> {
  const progress = createProgress(process.stdout);
  let metrics: MethodMetrics;
  const print = (lines: readonly string[]) => {
    for (const line of lines) progress.line(line);
  };
  return stoppable(progress, (shouldStop) =>
    pretrain(
      folder,
      source,
      {
        onInitialWeights: (weights) => print(initialWeightsLines(weights)),
        onMemory: (need) => progress.line(memoryLine(need)),
        onCache: (done, total) => progress.count('files examined', done, total),
        onStart: (facts) => {
          metrics = facts.metrics;
          print(factLines(facts));
        },
        onStep: (record, steps) => progress.step(record, steps, metrics),
        onValidation: (record) => progress.validation(record, metrics),
        shouldStop,
      },
      options,
    ),
  );
}

function report({ step, finished, checkpoint, best, criterion }: RunResult): void {
  console.log(`\n${finished ? 'Finished' : 'Stopped'} at step ${step}`);
  console.log(`  checkpoint  ${checkpoint}`);
  if (best) {
    const path = join(dirname(checkpoint), 'best.safetensors');
    console.log(`  best        ${path}`);
    console.log(`              (step ${best.step}, ${metricText(criterion, best)})`);
  }
  console.log(`  report      ${join(dirname(dirname(checkpoint)), 'report.html')}`);
}
