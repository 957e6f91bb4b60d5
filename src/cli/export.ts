/** `cover export`: a pretrained network as ONNX for any runtime, or as safetensors with the authors' names. */
import { type Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import { type ExportResult, exportFinetuned, exportOnnx } from '../node/index.js';
import { isFinetuned, loadFinetuned, loadModel } from '../node/models.js';
import { checkPlaceOf, writeFileAtomic } from '../system/files.js';
import { finetunedBytes } from '../use/finetuned-model.js';
import { type BitDepth, bitDepths } from '../use/index.js';
import { backboneOf, modelBytes } from '../use/model.js';
import { type CheckpointFlags, checkpointOption, chosenOf } from './checkpoint-option.js';
import { extents } from './options.js';
import { createOutput, type Output, type OutputFlags, withOutput } from './output.js';

interface Options extends OutputFlags, CheckpointFlags {
  readonly onnx?: string;
  readonly safetensors?: string;
  readonly size?: readonly number[];
  readonly bitDepth?: string;
  readonly backboneOnly?: boolean;
}

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('write a network as ONNX, or weights as safetensors')
    .argument('<model>', 'a run folder, a checkpoint, or a file of cover export or import')
    .option('--onnx <file>', 'the network with all that is done before and behind it, tried after writing')
    .option('--size <height,width>', 'what a backbone sees, divisible by 16 (default: as in training)', extents)
    .addOption(
      new Option(
        '--bit-depth <bits>',
        'of the stored values that the ONNX input takes; 32 is 0 to 1 (default: 8, volumes 32)',
      ).choices(Object.keys(bitDepths)),
    )
    .option('--safetensors <file>', "the weights, under the names of the authors' state dict")
    .option('--backbone-only', 'leave the projections out of the safetensors file')
    .addOption(checkpointOption());
  withOutput(command)
    .addHelpText('after', '\nExample:\n  cover export runs/xrays --onnx backbone.onnx --bit-depth 16')
    .action(async (path: string, options: Options) => {
      if (!options.onnx && !options.safetensors) {
        throw new InputError(
          'config',
          'expected --onnx or --safetensors, found neither',
          'Example: --onnx backbone.onnx',
        );
      }
      for (const path of [options.onnx, options.safetensors]) if (path) checkPlaceOf(path);
      const output = createOutput(options);
      const write = isFinetuned(path) ? exportWithHead : exportBackbone;
      output.result(await write(path, options, output));
    });
}

/** A pretrained network. @returns what `--json` prints */
async function exportBackbone(path: string, options: Options, output: Output): Promise<object> {
  const { onnx, safetensors, size, backboneOnly } = options;
  const model = loadModel(path, chosenOf(path, options));
  const facts = { model: model.source, step: model.step };
  output.line(`model ${model.source}, step ${model.step}`);
  if (safetensors) {
    const chosen = backboneOnly ? backboneOf(model) : model;
    const bytes = modelBytes(chosen);
    writeFileAtomic(safetensors, bytes);
    const parts = chosen.hasProjections ? 'backbone and projections' : 'backbone';
    output.line(`Wrote ${safetensors}: ${parts}, ${chosen.specs.length} tensors, ${megabytes(bytes.length)}`);
  }
  if (!onnx) return { ...facts, safetensors };
  const result = await exportOnnx(model, onnx, { size, bitDepth: bitsOf(options.bitDepth) });
  printResult(onnx, result, output);
  if (model.config.data.fit === 'keep') {
    const extents = result.outputs.features!.slice(2).join('x');
    output.line('note: the pretraining saw images at their own size (data.fit=keep)');
    output.line(`  The file brings all to ${extents}, which changes the scale of any other: give it`);
    output.line('  images or windows of these extents, or take another --size.');
  }
  return { ...facts, safetensors, onnx, ...result };
}

/** A fine-tuned network; its extents are those of its training. */
async function exportWithHead(path: string, options: Options, output: Output): Promise<object> {
  const { onnx, safetensors, size, backboneOnly } = options;
  if (size || backboneOnly) {
    throw new InputError(
      'config',
      `${path}: this is a fine-tuned network; found ${size ? '--size' : '--backbone-only'} beside it`,
      'Both are for pretrained networks. Leave it out.',
    );
  }
  const model = loadFinetuned(path, chosenOf(path, options));
  const { source, step, config, classes } = model;
  const facts = { model: source, step, task: config.task, classes };
  output.line(`model ${source}, step ${step}, ${config.task}: ${classes.join(', ')}`);
  if (safetensors) {
    const bytes = finetunedBytes(model);
    writeFileAtomic(safetensors, bytes);
    output.line(`Wrote ${safetensors}: backbone and head, ${model.specs.length} tensors, ${megabytes(bytes.length)}`);
  }
  if (!onnx) return { ...facts, safetensors };
  const result = await exportFinetuned(model, onnx, bitsOf(options.bitDepth));
  printResult(onnx, result, output);
  return { ...facts, safetensors, onnx, ...result };
}

function printResult(path: string, result: ExportResult, output: Output): void {
  const { inputShape, values, outputs, bytes, tried, largestDifference, largestValue, otherLabels } = result;
  const difference = largestDifference.toExponential(1);
  output.line(`Wrote ${path}: ${megabytes(bytes)}`);
  output.line(`  input   image  [${inputShape.join(', ')}]  float32, ${values}`);
  for (const [name, shape] of Object.entries(outputs))
    output.line(`  output  ${name.padEnd(13)}  [${shape.join(', ')}]`);
  output.line(
    `Tried on [${tried.join(', ')}]: largest difference ${difference}, largest value ${largestValue.toFixed(2)}`,
  );
  if (otherLabels !== null)
    output.line(`  labels as cover segment --keep-islands decides them, but for ${otherLabels} pixels`);
}

function bitsOf(text: string | undefined): BitDepth | undefined {
  return text === undefined ? undefined : (Number(text) as BitDepth);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
