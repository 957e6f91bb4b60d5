/** `cover export`: a pretrained network as ONNX for any runtime, or as safetensors with the authors' names. */
import { type Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import { type ExportResult, exportFinetuned, exportOnnx } from '../node/index.js';
import { isFinetuned, loadFinetuned, loadModel } from '../node/models.js';
import { writeFileAtomic } from '../system/files.js';
import { finetunedBytes } from '../use/finetuned-model.js';
import { type BitDepth, bitDepths } from '../use/index.js';
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
        printResult(onnx, await exportOnnx(model, onnx, { size, bitDepth: bitsOf(bitDepth) }));
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
  if (onnx) printResult(onnx, await exportFinetuned(model, onnx, bitsOf(bitDepth)));
}

function printResult(path: string, result: ExportResult): void {
  const { inputShape, values, outputs, bytes, tried, largestDifference, largestValue, otherLabels } = result;
  console.log(`Wrote ${path}: ${megabytes(bytes)}`);
  console.log(`  input   image  [${inputShape.join(', ')}]  float32, ${values}`);
  for (const [name, shape] of Object.entries(outputs))
    console.log(`  output  ${name.padEnd(13)}  [${shape.join(', ')}]`);
  console.log(
    `Tried on [${tried.join(', ')}]: largest difference ${largestDifference.toExponential(1)}, largest value ${largestValue.toFixed(2)}`,
  );
  if (otherLabels !== null) console.log(`  labels as cover segment decides them, but for ${otherLabels} pixels`);
}

function bitsOf(text: string | undefined): BitDepth | undefined {
  return text === undefined ? undefined : (Number(text) as BitDepth);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
