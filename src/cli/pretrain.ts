/** `cover pretrain`: from a folder of images to a pretrained backbone. */
import type { Command } from 'commander';
import { InputError } from '../core/errors.js';
import { type Cluster, clusterOf } from '../node/cluster.js';
import { loadConfig } from '../node/config-file.js';
import { pretrain } from '../node/pretrain.js';
import type { Config } from '../pretrain/config.js';
import type { MethodMetrics } from '../pretrain/method.js';
import type { PretrainOptions, RunFacts } from '../pretrain/run.js';
import type { TrainingResult } from '../train/loop.js';
import type { RunSource } from '../train/start.js';
import { factLines } from './start-lines.js';
import { addTrainingOptions, goingOn, report, runTraining, type TrainingOptions, tellMembers } from './training.js';

interface Options extends TrainingOptions {
  readonly preset?: string;
  readonly initFrom?: string;
}

const examples = `
Examples:
  cover pretrain xrays/ -o runs/first --set schedule.steps=2000
  cover pretrain scans/ -o runs/scans --set views.crop=[48,64,48]    volumes
  cover pretrain -o runs/first --resume          after a crash or Ctrl-C
  cover pretrain -o runs/first --extend 4000     on to 4000 steps in all
  cover pretrain ct/ -o runs/ct --init-from runs/first
  cover pretrain xrays/ -o runs/base --set method=contrast    a baseline
  mpirun -n 4 npx cover pretrain xrays/ -o runs/first    four processes`;

export function addPretrain(program: Command): void {
  addTrainingOptions(
    program
      .command('pretrain')
      .description('pretrain a backbone on a folder of unlabelled images')
      .argument('[data]', 'a folder of images or volumes, or a manifest'),
  )
    .option('-p, --preset <name>', 'default, small, release or paper')
    .option('--init-from <path>', 'begin with the weights of a run, .safetensors or .pth')
    .addHelpText('after', examples)
    .action(async (data: string | undefined, options: Options) => {
      const { ignoreMemory = false, out } = options;
      const cluster = clusterOf(out, options.mpi, tellMembers);
      const result = await run(out, sourceOf(data, options), { ignoreMemory, cluster });
      if (!cluster || cluster.leads) report(result);
    });
}

function sourceOf(data: string | undefined, options: Options): RunSource<Config> {
  const { preset, config: file, initFrom, set } = options;
  const known = goingOn(options, { DATA: data, '--preset': preset, '--init-from': initFrom });
  if (known) return known;
  const settings = data ? [...set, `data.source=${JSON.stringify(data)}`] : set;
  const config = loadConfig({ settings, preset, file });
  if (!config.data.source) {
    throw new InputError('data', 'no images were named', 'Example: cover pretrain my-images/ -o runs/first');
  }
  return { config, ...(initFrom === undefined ? {} : { initFrom }) };
}

/** A run with its progress printed, ended by Ctrl-C or SIGTERM with a checkpoint. */
export function run(
  folder: string,
  source: RunSource<Config>,
  options: PretrainOptions & { readonly cluster?: Cluster | null } = {},
): Promise<TrainingResult> {
  let metrics: MethodMetrics;
  return runTraining<RunFacts>(
    (events) => pretrain(folder, source, events, options),
    (progress) => ({
      onData: (done, total) => progress.count('files examined', done, total),
      onStart(facts) {
        metrics = facts.metrics;
        for (const line of factLines(facts)) progress.line(line);
      },
      onStep: (record, steps) => progress.step(record, steps, metrics.train),
      onValidation: (record) => progress.validation(record, metrics),
    }),
    options.cluster,
  );
}
