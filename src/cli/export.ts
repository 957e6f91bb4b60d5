/** `cover export`: a pretrained network as ONNX for any runtime, or as safetensors with the authors' names. */
import { type Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import { isFinetuned, loadFinetuned, loadModel } from '../node/models.js';
import { writeFileAtomic } from '../system/files.js';
import { exportFinetuned } from '../use/export-finetuned.js';
import { finetunedBytes } from '../use/finetuned-model.js';
import { type BitDepth, bitDepths, exportOnnx } from '../use/index.js';
import { backboneOf, modelBytes } from '../use/model.js';
import { extents } from './options.js';

interface Options {
  readonly onnx?: string;
  readonly safetensors?: string;
  readonly size?: readonly number[];
  readonly bitDepth?: string;
  readonly backboneOnly?: boolean;
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write a network as ONNX, or weights as safetensors')
    .argument('<model>', 'a run folder, a checkpoint, or a file of cover export or import')
    .option('--onnx <file>', 'the network with the normalisation, checked after writing')
    .option('--size <height,width>', 'of the ONNX input, divisible by 16 (default: as in training)', extents)
    .addOption(
      new Option(
        '--bit-depth <bits>',
        'of the stored values that the ONNX input takes; 32 is 0 to 1 (default: 8, volumes 32)',
      ).choices(Object.keys(bitDepths)),
    )
    .option('--safetensors <file>', "the weights, under the names of the authors' state dict")
    .option('--backbone-only', 'leave the projections out of the safetensors file')
    .addHelpText('after', '\nExample:\n  cover export runs/xrays --onnx backbone.onnx --bit-depth 16')
    .action(async (path: string, options: Options) => {
      const { onnx, safetensors, size, bitDepth, backboneOnly } = options;
      if (!onnx && !safetensors) {
        throw new InputError(
          'config',
          'expected --onnx or --safetensors, found neither',
          'Example: --onnx backbone.onnx',
        );
      }
      if (isFinetuned(path)) {
        await exportWithHead(path, options);
        return;
      }
      const model = loadModel(path);
      console.log(`model ${model.source}, step ${model.step}`);
      if (safetensors) {
        const chosen = backboneOnly ? backboneOf(model) : model;
        const bytes = modelBytes(chosen);
        writeFileAtomic(safetensors, bytes);
        const parts = chosen.hasProjections ? 'backbone and projections' : 'backbone';
        console.log(`Wrote ${safetensors}: ${parts}, ${chosen.specs.length} tensors, ${megabytes(bytes.length)}`);
      }
      if (onnx) {
        const result = await exportOnnx(model, onnx, { size, bitDepth: bitsOf(bitDepth) });
        console.log(`Wrote ${onnx}: ${megabytes(result.bytes)}`);
        console.log(
          `  input   image     [${result.inputShape.join(', ')}]  float32, stored values 0 to ${result.maximum}`,
        );
        for (const [name, shape] of Object.entries(result.outputs)) {
          console.log(`  output  ${name.padEnd(8)}  [${shape.join(', ')}]`);
        }
        const { largestDifference, largestFeature } = result;
        console.log(
          `Checked: largest difference ${largestDifference.toExponential(1)}, largest feature ${largestFeature.toFixed(2)}`,
        );
      }
    });
}

/** A fine-tuned network; its extents are those of its training. */
async function exportWithHead(
  path: string,
  { onnx, safetensors, size, bitDepth, backboneOnly }: Options,
): Promise<void> {
  if (size || backboneOnly) {
    throw new InputError(
      'config',
      `${path}: this is a fine-tuned network; found ${size ? '--size' : '--backbone-only'} beside it`,
      'Both are for pretrained networks. Leave it out.',
    );
  }
  const model = loadFinetuned(path);
  console.log(`model ${model.source}, step ${model.step}, ${model.config.task}: ${model.classes.join(', ')}`);
  if (safetensors) {
    const bytes = finetunedBytes(model);
    writeFileAtomic(safetensors, bytes);
    console.log(`Wrote ${safetensors}: backbone and head, ${model.specs.length} tensors, ${megabytes(bytes.length)}`);
  }
  if (onnx) {
    const result = await exportFinetuned(model, onnx, bitsOf(bitDepth));
    console.log(`Wrote ${onnx}: ${megabytes(result.bytes)}`);
    console.log(
      `  input   image          [${result.inputShape.join(', ')}]  float32, stored values 0 to ${result.maximum}`,
    );
    console.log(`  output  probabilities  [${result.outputShape.join(', ')}]`);
    console.log(`Checked: largest difference of a probability ${result.largestDifference.toExponential(1)}`);
  }
}

function bitsOf(text: string | undefined): BitDepth | undefined {
  return text === undefined ? undefined : (Number(text) as BitDepth);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
