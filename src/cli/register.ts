/** `cover register`: one image, or volume, and its labels laid over another by a pretrained network. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { openNetwork, registerFiles } from '../node/index.js';
import { loadModel } from '../node/models.js';
import { checkFolder } from '../system/files.js';
import { registrationText } from '../use/registration/report.js';
import { type CheckpointFlags, checkpointOption, chosenOf } from './checkpoint-option.js';
import { warningsTo } from './input-warnings.js';
import { type EngineFlags, pairSizeOption, type SizeFlags, scaleOption, withEngine } from './options.js';
import { createOutput, type OutputFlags, withOutput } from './output.js';

interface Options extends EngineFlags, SizeFlags, OutputFlags, CheckpointFlags {
  readonly model: string;
  readonly out: string;
  readonly labels?: string;
  readonly fixedLabels?: string;
}

export function addRegister(program: Command): void {
  const command = program
    .command('register')
    .description('lay an image, and its labels, over another')
    .argument('<moving>', 'the image, or volume, that is warped')
    .argument('<fixed>', 'the image, or volume, whose grid and shape it takes')
    .requiredOption('-m, --model <path>', 'a run folder, a checkpoint, or a file of cover export or import')
    .requiredOption('-o, --out <folder>', 'the folder for images, field, picture and report')
    .option('--labels <file>', 'class indices of the moving image; they are warped, too')
    .option('--fixed-labels <file>', 'class indices of the fixed image, to measure the overlap')
    .addOption(checkpointOption())
    .addOption(pairSizeOption())
    .addOption(scaleOption());
  withOutput(withEngine(command))
    .addHelpText(
      'after',
      '\nExample:\n  cover register a.png b.png --model runs/xrays -o registered \\\n    --labels a-labels.png --fixed-labels b-labels.png',
    )
    .action(async (moving: string, fixed: string, options: Options) => {
      const { out, labels, fixedLabels, size, scale } = options;
      const output = createOutput(options);
      checkFolder(out);
      const model = loadModel(options.model, chosenOf(options.model, options));
      const network = await openNetwork(model, options);
      try {
        output.line(`model ${model.source}, step ${model.step}; device ${network.device}`);
        const files = { labels, fixedLabels, size, scale, onWarnings: warningsTo(output) };
        const { report, written } = await registerFiles(network, moving, fixed, out, files);
        output.line(registrationText(report));
        output.line(`Wrote in ${out}:\n${written.join(', ')}`);
        output.result({ ...report, written: written.map((name) => join(out, name)) });
      } finally {
        await network.close();
      }
    });
}
