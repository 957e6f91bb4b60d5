/** `cover pretrain`: from a folder of images to a pretrained backbone. */
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config/index.js';
import { InputError } from '../core/errors.js';
import { pretrain, type RunResult } from '../pretrain/run.js';
import { createProgress } from './progress.js';

interface Options {
  readonly out: string;
  readonly config?: string;
  readonly preset?: string;
  readonly set: string[];
  readonly resume?: boolean;
}

export function addPretrain(program: Command): void {
  program
    .command('pretrain')
    .description('pretrain a backbone on a folder of unlabelled images')
    .argument('[data]', 'a folder of PNG, JPEG, TIFF or WebP images, or a manifest')
    .requiredOption('-o, --out <folder>', 'the run folder')
    .option('-c, --config <file>', 'a YAML configuration')
    .option('-p, --preset <name>', 'default, release or paper')
    .option('-s, --set <key=value>', 'one setting, repeatable', (value: string, all: string[]) => [...all, value], [])
    .option('--resume', 'continue the run in the folder, bit for bit')
    .addHelpText('after', '\nExample:\n  cover pretrain xrays/ -o runs/first --set schedule.steps=2000')
    .action(async (data: string | undefined, options: Options) => {
      if (options.resume) {
        const given = [
          data && 'DATA',
          options.config && '--config',
          options.preset && '--preset',
          options.set.length && '--set',
        ];
        const extra = given.filter(Boolean);
        if (extra.length) {
          throw new InputError('config', `--resume continues the run as it was; found ${extra.join(', ')} beside it`);
        }
        report(await run(options.out, { resume: true }));
        return;
      }
      const settings = data ? [...options.set, `data.source=${JSON.stringify(data)}`] : options.set;
      const { preset, config: file } = options;
      const config = loadConfig({ settings, ...(preset ? { preset } : {}), ...(file ? { file } : {}) });
      if (!config.data.source) {
        throw new InputError('data', 'no images were named', 'Example: cover pretrain my-images/ -o runs/first');
      }
      report(await run(options.out, { config }));
    });
}

/** A run with its progress printed, ended by Ctrl-C or SIGTERM with a checkpoint. */
export async function run(folder: string, source: Parameters<typeof pretrain>[1]): Promise<RunResult> {
  const progress = createProgress(process.stdout);
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    progress.line('Stopping after this step, with a checkpoint. Once more to stop at once.');
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await pretrain(folder, source, {
      onStart: ({ device, passedOver, images, validation, skipped, parameters }) => {
        for (const reason of passedOver) progress.line(`not ${reason}`);
        progress.line(`device ${device}, ${(parameters / 1e6).toFixed(2)} M parameters`);
        const left = skipped ? `; ${skipped} files left out (see cover doctor)` : '';
        progress.line(`${images} training and ${validation} validation images${left}`);
      },
      onStep: (record, steps) => progress.step(record, steps),
      onValidation: ({ step, endpointError, zeroEndpointError, featureDeviation, effectiveRank }) => {
        const ratio = (endpointError / zeroEndpointError).toFixed(3);
        progress.line(
          `validation at ${step}: EPE ${endpointError.toFixed(2)} px, zero field ${zeroEndpointError.toFixed(2)} (ratio ${ratio}), ` +
            `feature deviation ${featureDeviation.toFixed(4)}, effective rank ${effectiveRank.toFixed(2)}`,
        );
      },
      shouldStop: () => stopping,
    });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function report({ step, finished, checkpoint }: RunResult): void {
  console.log(`\n${finished ? 'Finished' : 'Stopped'} at step ${step}: ${checkpoint}`);
  console.log(`Report: ${join(dirname(dirname(checkpoint)), 'report.html')}`);
}
