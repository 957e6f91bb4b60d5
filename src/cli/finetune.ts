/** `cover finetune`: from a pretrained backbone and labelled images to a network that segments or classifies. */
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import {
  type FinetuneFacts,
  type FinetuneResult,
  type FinetuneSource,
  finetune,
  loadFinetuneConfig,
  tasks,
} from '../finetune/index.js';
import { scoreNames } from '../finetune/validation.js';
import { createProgress, duration } from './progress.js';
import { initialWeightsLines } from './start-lines.js';
import { stoppable } from './stop-signals.js';

interface Options {
  readonly out: string;
  readonly from?: string;
  readonly initFrom?: string;
  readonly task?: string;
  readonly fraction?: string;
  readonly cases?: string;
  readonly config?: string;
  readonly set: string[];
  readonly resume?: boolean;
}

const examples = `
Examples:
  cover finetune lungs/ -o runs/lungs --from runs/xrays --cases 5
  cover finetune lungs/ -o runs/probe --from runs/xrays --set backbone.mode=frozen
  cover finetune lungs/ -o runs/encoder --from runs/xrays --set backbone.transfer=encoder
  cover finetune lungs/ -o runs/scratch --from scratch --fraction 0.05
  cover finetune hippocampus/ -o runs/hc --from runs/mri --cases 5    volumes
  cover finetune -o runs/lungs --resume          after a crash or Ctrl-C`;

export function addFinetune(program: Command): void {
  program
    .command('finetune')
    .description('train a pretrained backbone with a head on labelled images or volumes')
    .argument('[data]', 'a folder with images/ and labels/, or as MSD or nnU-Net lay it out')
    .requiredOption('-o, --out <folder>', 'the run folder')
    .option('--from <model>', 'a pretrained run or file, or scratch')
    .addOption(new Option('--init-from <model>', 'the same as --from, as in pretraining').conflicts('from').hideHelp())
    .addOption(new Option('--task <name>', 'segmentation, or classification by labels.json').choices(tasks))
    .option('--fraction <share>', 'use this share of the training cases, above 0 to 1')
    .option('--cases <count>', 'use this many training cases')
    .option('-c, --config <file>', 'a YAML configuration')
    .option('-s, --set <key=value>', 'one setting, repeatable', (value: string, all: string[]) => [...all, value], [])
    .option('--resume', 'continue the run in the folder, bit for bit')
    .addHelpText('after', examples)
    .action(async (data: string | undefined, options: Options) => {
      report(await run(options.out, sourceOf(data, options)));
    });
}

function sourceOf(data: string | undefined, options: Options): FinetuneSource {
  const { from = options.initFrom, task, fraction, cases, config: file, set, resume } = options;
  if (resume) {
    const extra = [data && 'DATA', from && '--from', task && '--task', fraction && '--fraction', cases && '--cases'];
    const found = [...extra, file && '--config', set.length > 0 && '--set'].filter(Boolean);
    if (found.length === 0) return { resume: true };
    throw new InputError(
      'config',
      `--resume goes on with the settings of the run; found ${found.join(', ')} beside it`,
      'For other settings begin another run.',
    );
  }
  const settings = [
    ...set,
    ...(data ? [`data.source=${JSON.stringify(data)}`] : []),
    ...(from ? [`model.from=${JSON.stringify(from)}`] : []),
    ...(task ? [`task=${task}`] : []),
    ...(fraction ? [`data.fraction=${fraction}`] : []),
    ...(cases ? [`data.cases=${cases}`] : []),
  ];
  const config = loadFinetuneConfig({ file, settings });
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
async function run(folder: string, source: FinetuneSource): Promise<FinetuneResult> {
  const progress = createProgress(process.stdout);
  let rate = 0;
  let score = '';
  return stoppable(progress, (shouldStop) =>
    finetune(folder, source, {
      onInitialWeights({ report: { unused, ...report }, ...weights }) {
        // The projections of the pretraining have no part in fine-tuning, whoever wrote them.
        const others = unused.filter((name) => !name.startsWith('proj.') && !name.startsWith('head.'));
        const lines = initialWeightsLines({ ...weights, report: { ...report, unused: others } });
        for (const line of lines) progress.line(line);
      },
      onRead: (done, total) => progress.count('cases read', done, total),
      onStart(facts) {
        score = scoreNames[facts.config.task];
        for (const line of factLines(facts)) progress.line(line);
      },
      onStep({ step, loss, seconds }, steps) {
        rate = rate === 0 ? seconds : 0.9 * rate + 0.1 * seconds;
        const left = duration(rate * (steps - step));
        const text = `step ${step}/${steps}  ${rate.toFixed(2)} s/step  ${left} left  loss ${loss.toFixed(4)}`;
        progress.update(text, step % 10 === 0 || step === steps);
      },
      onValidation(record, best) {
        progress.line(
          `validation at ${record.step}: ${score} ${record.score.toFixed(3)}${best ? ', the best so far' : ''}`,
        );
      },
      shouldStop,
    }),
  );
}

function factLines({ config, device, parameters, labelled, training, validation, test, onDisk }: FinetuneFacts) {
  const { data, views, backbone } = config;
  return [
    `device ${device}, ${(parameters / 1e6).toFixed(2)} M parameters, ${backbone.transfer === 'all' ? 'backbone' : 'encoder'} ${backbone.mode}`,
    `${labelled} of ${training} training cases, ${validation} validation, ${test} test`,
    `classes ${data.classes.join(', ')}`,
    `${sizeText(data)}, windows of ${views.crop.join(' × ')} ${views.crop.length === 3 ? 'voxels' : 'pixels'}`,
    ...(onDisk ? [`${onDisk} of ${labelled + validation} images are read from disk, the others are in memory`] : []),
  ];
}

/** How images or volumes come to the network. */
function sizeText({ fit, size, spacing }: FinetuneFacts['config']['data']): string {
  const voxels = spacing ? ` with voxels of ${spacing.join(' × ')} mm` : '';
  if (fit === 'keep') return `kept at their size${voxels}`;
  return `${size.length === 3 ? 'volumes' : 'images'} at ${size.join(' × ')}${voxels}`;
}

function report({ step, finished, checkpoint, best }: FinetuneResult): void {
  console.log(`\n${finished ? 'Finished' : 'Stopped'} at step ${step}`);
  console.log(`  checkpoint  ${checkpoint}`);
  if (best) {
    console.log(`  best        ${join(dirname(checkpoint), 'best.safetensors')}`);
    console.log(`              (step ${best.step}, score ${best.score.toFixed(3)})`);
  }
  console.log(`  report      ${join(dirname(dirname(checkpoint)), 'report.html')}`);
}
