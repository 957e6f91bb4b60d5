/** `cover import`: PyTorch checkpoints and other weights, made a file that every command takes. */
import type { Command } from 'commander';
import { InputError } from '../core/errors.js';
import { importModel } from '../node/models.js';
import { checkPlaceOf, writeFileAtomic } from '../system/files.js';
import { modelBytes } from '../use/model.js';
import { formatTransferReport } from '../weights/index.js';
import { createOutput, type OutputFlags, withOutput } from './output.js';

interface Options extends OutputFlags {
  readonly out: string;
  readonly config?: string;
  readonly set?: string[];
}

export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description('read .pth or safetensors weights; nothing in them is run')
    .argument('<file>', "a PyTorch checkpoint or safetensors, with the authors' names")
    .requiredOption('-o, --out <file>', 'the safetensors file to write')
    .option('-c, --config <file>', 'a YAML configuration, instead of what the shapes tell')
    .option('-s, --set <key=value>', 'one setting, repeatable', (value: string, all: string[] = []) => [...all, value]);
  withOutput(command)
    .addHelpText(
      'after',
      "\nThe settings are those of the authors' release (model.warp=reference) where\nnothing else is said.\n\nExample:\n  cover import checkpoint.pth -o model.safetensors",
    )
    .action((file: string, { out, config, set = [], ...flags }: Options) => {
      checkPlaceOf(out);
      const output = createOutput(flags);
      const { model, report, deduced } = importModel(file, { ...(config ? { config } : {}), settings: set });
      for (const setting of deduced) output.line(`deduced ${setting}`);
      const lines = formatTransferReport(report);
      // What is wrong is printed in any case.
      if (model) output.line(lines);
      else output.warn(lines);
      if (!model) {
        throw new InputError(
          'weights',
          `${file}: expected every parameter of the network, see above for what is wrong; nothing was written`,
          'Set the missing facts, such as --set model.heads=[4,4,4,1,1].',
        );
      }
      const { heads, window, warp } = model.config.model;
      if (model.hasProjections) output.line(`set: heads [${heads.join(', ')}], window ${window}, warp ${warp}`);
      else output.line('backbone alone: good for features and matching, not for fields');
      writeFileAtomic(out, modelBytes(model));
      output.line(`Wrote ${out}`);
      output.result({ file, out, deduced, report, config: model.config });
    });
}
