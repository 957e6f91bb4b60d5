/** `cover finetune`: from a pretrained backbone and labelled images to a network that segments or classifies. */

import { type Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import { printable } from '../core/printable.js';
import { type FinetuneConfig, tasks } from '../finetune/config.js';
import type { FinetuneFacts } from '../finetune/run.js';
import { taskOf } from '../finetune/tasks.js';
import { type Cluster, clusterOf } from '../node/cluster.js';
import { loadFinetuneConfig } from '../node/config-file.js';
import { finetune } from '../node/finetune.js';
import { metricValue } from '../train/criterion.js';
import type { TrainingResult } from '../train/loop.js';
import type { RunSource } from '../train/start.js';
import { islandLines } from './islands-option.js';
import { initialWeightsLines, lookLines } from './start-lines.js';
import { addTrainingOptions, goingOn, report, runTraining, type TrainingOptions, tellMembers } from './training.js';

interface Options extends TrainingOptions {
  readonly preset?: string;
  readonly from?: string;
  readonly initFrom?: string;
  readonly task?: string;
  readonly fraction?: string;
  readonly cases?: string;
}

const examples = `
Examples:
  cover finetune lungs/ -o runs/lungs --from runs/xrays --cases 5
  cover finetune lungs/ -o runs/probe --from runs/xrays --set backbone.mode=frozen
  cover finetune lungs/ -o runs/encoder --from runs/xrays --set backbone.transfer=encoder
  cover finetune lungs/ -o runs/paper --from runs/xrays --preset paper
  cover finetune lungs/ -o runs/scratch --from scratch --fraction 0.05
  cover finetune hippocampus/ -o runs/hc --from runs/mri --cases 5    volumes
  cover finetune -o runs/lungs --resume          after a crash or Ctrl-C
  cover finetune -o runs/lungs --extend 1200     on to 1200 steps in all`;

export function addFinetune(program: Command): void {
  addTrainingOptions(
    program
      .command('finetune')
      .description('train a pretrained backbone with a head on labelled images or volumes')
      .argument('[data]', 'a folder with images/ and labels/, or as MSD or nnU-Net lay it out'),
  )
    .option('-p, --preset <name>', 'default, or paper: the protocol of the authors')
    .option('--from <model>', 'a pretrained run or file, or scratch')
    .addOption(new Option('--init-from <model>', 'the same as --from, as in pretraining').conflicts('from').hideHelp())
    .addOption(new Option('--task <name>', 'segmentation, or classification by labels.json').choices(tasks))
    .option('--fraction <share>', 'use this share of the training cases, above 0 to 1')
    .option('--cases <count>', 'use this many training cases')
    .addHelpText('after', examples)
    .action(async (data: string | undefined, options: Options) => {
      const { ignoreMemory = false, out } = options;
      const cluster = clusterOf(out, options.mpi, tellMembers);
      const result = await run(out, sourceOf(data, options), ignoreMemory, cluster);
      if (!cluster || cluster.leads) report(result);
    });
}

function sourceOf(data: string | undefined, options: Options): RunSource<FinetuneConfig> {
  const { preset, from = options.initFrom, task, fraction, cases, config: file, set } = options;
  const others = {
    DATA: data,
    '--preset': preset,
    '--from': from,
    '--task': task,
    '--fraction': fraction,
    '--cases': cases,
  };
  const known = goingOn(options, others);
  if (known) return known;
  const settings = [
    ...set,
    ...(data ? [`data.source=${JSON.stringify(data)}`] : []),
    ...(from ? [`model.from=${JSON.stringify(from)}`] : []),
    ...(task ? [`task=${task}`] : []),
    ...(fraction ? [`data.fraction=${fraction}`] : []),
    ...(cases ? [`data.cases=${cases}`] : []),
  ];
  const config = loadFinetuneConfig({ preset, file, settings });
  if (!config.data.source) {
    throw new InputError(
      'data',
      'no data were named',
      'Example: cover finetune lungs/ -o runs/lungs --from runs/xrays',
    );
  }
  if (!from && !file && !set.some((setting) => setting.startsWith('model.from='))) {
    throw new InputError(
      'config',
      'expected --from with a pretrained network, found none',
      'Example: --from runs/xrays; --from scratch begins with random weights.',
    );
  }
  return { config };
}

/** A run with its progress printed, ended by Ctrl-C or SIGTERM with a checkpoint. */
function run(
  folder: string,
  source: RunSource<FinetuneConfig>,
  ignoreMemory: boolean,
  cluster: Cluster | null,
): Promise<TrainingResult> {
  let criterion = taskOf({ task: 'segmentation' }).criterion;
  return runTraining<FinetuneFacts>(
    (events) => finetune(folder, source, events, { ignoreMemory, cluster }),
    (progress) => ({
      onInitialWeights({ report: { unused, ...fate }, ...weights }) {
        // The projections of the pretraining have no part in fine-tuning, whoever wrote them.
        const others = unused.filter((name) => !name.startsWith('proj.') && !name.startsWith('head.'));
        const lines = initialWeightsLines({ ...weights, report: { ...fate, unused: others } });
        for (const line of lines) progress.line(line);
      },
      onData: (done, total) => progress.count('cases read', done, total),
      onStart(facts) {
        criterion = taskOf(facts.config).criterion;
        for (const line of factLines(facts)) progress.line(line);
      },
      onStep: (record, steps) => progress.step(record, steps, [lossMetric]),
      onValidation({ step, score }, best) {
        const text = `${criterion.name} ${metricValue(criterion, Number(score))}`;
        progress.line(`validation at ${step}: ${text}${best ? ', the best so far' : ''}`);
      },
    }),
    cluster,
  );
}

const lossMetric = { key: 'loss', name: 'loss', short: 'loss', digits: 4 };

function factLines(facts: FinetuneFacts): string[] {
  const { config, device, parameters, labelled, training, validation, test, onDisk, notes, warned } = facts;
  const { data, views, backbone } = config;
  return [
    `device ${device}, ${(parameters / 1e6).toFixed(2)} M parameters, ${backbone.transfer === 'all' ? 'backbone' : 'encoder'} ${backbone.mode}`,
    `${labelled} of ${training} training cases, ${validation} validation, ${test} test`,
    `classes ${data.classes.join(', ')}`,
    ...islandLines(data.removeIslands ?? [], 'one piece in every label, so smaller pieces of masks are removed'),
    `${sizeText(data)}, windows of ${views.crop.join(' × ')} ${views.crop.length === 3 ? 'voxels' : 'pixels'}`,
    ...notes.map((note) => `note: ${printable(note)}`),
    ...lookLines(warned, 'cases'),
    ...(onDisk ? [`${onDisk} of ${labelled + validation} images are read from disk, the others are in memory`] : []),
  ];
}

/** How images or volumes come to the network. */
function sizeText({ fit, size, spacing, slices }: FinetuneFacts['config']['data']): string {
  const voxels = spacing ? ` with voxels of ${spacing.join(' × ')} mm` : '';
  if (fit === 'keep') return `${slices ? `${slices} slices ` : ''}kept at their size${voxels}`;
  const what = slices ? `${slices} slices` : size.length === 3 ? 'volumes' : 'images';
  return `${what} at ${size.join(' × ')}${voxels}`;
}
