/**
 * A fine-tuned network as one ONNX file: stored values in, probabilities out. As for a backbone, the normalisation is inside and
 * the metadata say what the file expects; the graph is static, one image of one window. Volumes have no common range of stored
 * values, so their files take values from 0 to 1.
 */
import { readFileSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { recipeOf } from '../data/labelled/index.js';
import type { FinetuneConfig } from '../finetune/config.js';
import { div, Graph, type Value } from '../graph/index.js';
import { unpackParameters } from '../nn/index.js';
import { encodeOnnx } from '../onnx/encode.js';
import { writeFileAtomic } from '../system/files.js';
import type { FinetunedModel } from './finetuned-model.js';
import { type BitDepth, bitDepths, openNetwork, runOnnx, testImage } from './index.js';

export interface FinetunedExport {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** The largest stored value. */
  readonly maximum: number;
  readonly bytes: number;
  /** The greatest difference of a probability between the file and the network, for a test image. */
  readonly largestDifference: number;
}

/** A larger difference of probabilities means that the file is wrong. */
const TOLERANCE = 1e-4;

/** Input `image`: float32 `[1, C, ...window]`, stored values; output `probabilities`: `[1, K, ...window]` or `[1, K]`. */
export function finetunedOnnx(model: FinetunedModel, bitDepth: BitDepth = defaultBitDepth(model)): Uint8Array {
  checkBitDepth(model, bitDepth);
  const { theta, specs, task } = model;
  const graph = new Graph('gpu'); // The older operator set, which more runtimes know.
  const parameters = new Map<string, Value>();
  for (const [name, { shape, data }] of unpackParameters(theta, specs)) {
    parameters.set(name, graph.constant(data, shape));
  }
  const shape = inputShapeOf(model);
  const image = div(graph.input('image', shape), graph.constant(bitDepths[bitDepth]));
  const names = new Map([...parameters].map(([name, value]) => [value, name]));
  const outputs = { probabilities: task.probabilities(parameters, image) };
  return encodeOnnx(outputs, { names, metadata: describe(model, shape, bitDepths[bitDepth]) });
}

/**
 * Writes the ONNX file, runs what was written on a test image, and compares it with the network itself.
 * @throws InputError ('file') when it cannot be written, ('engine') when it does not compute the same
 * @example const { largestDifference } = await exportFinetuned(loadFinetuned('runs/lungs'), 'lungs.onnx');
 */
export async function exportFinetuned(
  model: FinetunedModel,
  path: string,
  bitDepth: BitDepth = defaultBitDepth(model),
): Promise<FinetunedExport> {
  writeFileAtomic(path, finetunedOnnx(model, bitDepth));
  const written = readFileSync(path);
  const inputShape = inputShapeOf(model);
  const maximum = bitDepths[bitDepth];
  const stored = testImage(inputShape[1]!, inputShape.slice(2), maximum);
  const image = tensor(
    inputShape,
    stored.data.map((value) => value / maximum),
  );
  const found = (await runOnnx(written, tensor(inputShape, stored.data))).probabilities!;
  const expected = await probabilitiesOf(model, image);
  let largestDifference = 0;
  expected.data.forEach((value, index) => {
    const difference = Math.abs(value - found.data[index]!);
    if (!(difference <= largestDifference)) largestDifference = difference;
  });
  if (!(largestDifference <= TOLERANCE)) {
    throw new InputError(
      'engine',
      `${path}: the probabilities of the written file differ by ${largestDifference} from those of the network`,
      'Do not use this file.',
    );
  }
  return { inputShape, outputShape: found.shape, maximum, bytes: written.length, largestDifference };
}

/** Of images 8; of volumes 32, values from 0 to 1. */
function defaultBitDepth({ config }: FinetunedModel): BitDepth {
  return config.views.crop.length === 3 ? 32 : 8;
}

function checkBitDepth(model: FinetunedModel, bitDepth: BitDepth): void {
  if (bitDepth === 32 || model.config.views.crop.length === 2) return;
  throw new InputError(
    'config',
    `expected a bit depth of 32 for a network of volumes, found ${bitDepth}`,
    'Its file takes values from 0 to 1, as data.intensity makes them.',
  );
}

function inputShapeOf({ config }: FinetunedModel): number[] {
  const extents = config.task === 'segmentation' ? config.views.crop : config.data.size;
  return [1, config.data.channels, ...extents];
}

async function probabilitiesOf(model: FinetunedModel, image: Tensor): Promise<Tensor> {
  const network = await openNetwork(model);
  try {
    const build = (_: Graph, parameters: ReadonlyMap<string, Value>, inputs: Readonly<Record<string, Value>>) => ({
      probabilities: model.task.probabilities(parameters, inputs.image!),
    });
    return (await network.run('probabilities', build, { image })).probabilities!;
  } finally {
    await network.close();
  }
}

/** What a user of the file needs to know, as `metadata_props`. */
function describe(model: FinetunedModel, shape: readonly number[], maximum: number): Record<string, string> {
  const window = shape.slice(2);
  return {
    project: 'COVER for TypeScript (cover-ts)',
    task: model.config.task,
    classes: JSON.stringify(model.classes),
    input: `image: float32 [${shape.join(', ')}], stored values from 0 to ${maximum}; ${preparation(model.config, window)}`,
    normalisation: `image / ${maximum}, inside of the graph`,
    outputs: model.config.data.multiLabel
      ? 'probabilities of the classes, each for itself; the first is 1 less the largest'
      : 'probabilities of the classes, which sum to 1',
    maximum: String(maximum),
    steps: String(model.step),
    config: JSON.stringify(model.config),
  };
}

/** What is to be done with a file before its values are given to the network. */
function preparation(config: FinetuneConfig, window: readonly number[]): string {
  const { fit, size, spacing, intensity } = recipeOf(config);
  const resized = fit === 'resize' ? `resize the picture to ${size.join(' x ')} first` : 'keep the size';
  const cut = fit === 'resize' && window.join() === size.join() ? '' : ` and take windows of ${window.join(' x ')}`;
  if (window.length === 2) return `${resized}${cut}`;
  const voxels = spacing ? `voxels of ${spacing.join(' x ')} mm` : 'the voxels of the file';
  return `turn axes z, y, x to RAS, bring values to 0 to 1 by ${JSON.stringify(intensity)}, take ${voxels}, ${resized}${cut}`;
}
