/**
 * A pretrained backbone as one ONNX file for any runtime: stored values in, features out. The division by the bit depth's
 * maximum is inside, and the weights are initializers under the names of the authors' state dict. The graph is static: one
 * image of one size. The file says in its metadata what it expects.
 */
import { readFileSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { startEngine } from '../engine/node/index.js';
import { div, Graph, type Value } from '../graph/index.js';
import { DIVISOR, divisibilityError, unet } from '../nn/index.js';
import { encodeOnnx } from '../onnx/encode.js';
import { chestPhantom, thoraxPhantom } from '../phantom/index.js';
import { backboneOf, type Model, namedParameters } from '../pretrain/model.js';
import { writeFileAtomic } from '../system/files.js';
import { backboneFeatures } from './embed.js';
import { openNetwork } from './network.js';
import { trainedShape } from './working-size.js';

/** Bits of a stored value, and the largest value that they hold; 32 is floating point from 0 to 1. */
export const bitDepths = { 8: 255, 16: 65535, 32: 1 } as const;
export type BitDepth = keyof typeof bitDepths;

export interface ExportOptions {
  /** Extents `[H, W]` of the image, divisible by 16; by default those of the training, rounded. */
  readonly size?: readonly number[] | undefined;
  readonly bitDepth?: BitDepth | undefined;
}

/** The facts of an exported file, and how it compares with the network that it was made from. */
export interface ExportResult {
  readonly inputShape: readonly number[];
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly maximum: number;
  readonly bytes: number;
  /** The greatest difference over all outputs for a test image, in the units of the features. */
  readonly largestDifference: number;
  /** The greatest feature for that image. */
  readonly largestFeature: number;
}

/** Of the greatest feature: a larger difference than this share means that the file is wrong. */
const TOLERANCE = 1e-4;

/** The names of the outputs, deepest level first. */
const OUTPUTS = ['level0', 'level1', 'level2', 'level3', 'features'] as const;

/** The size of an exported graph where none is asked for: the images of the training, in multiples of 16. */
export function defaultExportSize(model: Model): number[] {
  return trainedShape(model.config).map((extent) => Math.max(DIVISOR, Math.round(extent / DIVISOR) * DIVISOR));
}

/**
 * The bytes of the ONNX file. Input `image`: float32 `[1, C, H, W]`, stored values from 0 to the maximum. Outputs:
 * `features` `[1, F, H, W]`, and `level3` … `level0` at 1/2 … 1/16 of the resolution.
 * @throws InputError ('shape') when an extent is not divisible by 16
 */
export function onnxBytes(model: Model, options: ExportOptions = {}): Uint8Array {
  const { size = defaultExportSize(model), bitDepth = 8 } = options;
  if (size.some((extent) => !(extent > 0) || extent % DIVISOR !== 0)) throw divisibilityError('the size', size);
  const graph = new Graph('gpu'); // The older operator set, which more runtimes know.
  const shape = [1, model.cover.inputs, ...size];
  const parameters = new Map<string, Value>();
  for (const [name, { shape: extents, data }] of namedParameters(backboneOf(model))) {
    parameters.set(name, graph.constant(data, extents));
  }
  const image = div(graph.input('image', shape), graph.constant(bitDepths[bitDepth]));
  const features = unet(parameters, 'backbone.', image);
  const outputs = OUTPUTS.map((name, level) => [name, features[level]!] as const).reverse();
  const names = new Map([...parameters].map(([name, value]) => [value, name]));
  return encodeOnnx(Object.fromEntries(outputs), { names, metadata: describe(model, shape, bitDepths[bitDepth]) });
}

/**
 * Writes the ONNX file, runs what was written on a test image, and compares every output with the network itself.
 * @throws InputError ('shape') as `onnxBytes`, ('file') when it cannot be written, ('engine') when it does not compute
 * the same; the file stays for a look
 * @example const { largestDifference } = await exportOnnx(loadModel('runs/xrays'), 'backbone.onnx', { bitDepth: 16 });
 */
export async function exportOnnx(model: Model, path: string, options: ExportOptions = {}): Promise<ExportResult> {
  const { size = defaultExportSize(model), bitDepth = 8 } = options;
  writeFileAtomic(path, onnxBytes(model, options));
  const written = readFileSync(path);
  const maximum = bitDepths[bitDepth];
  const stored = testImage(model.cover.inputs, size, maximum);
  const image = tensor(
    stored.shape,
    stored.data.map((value) => value / maximum),
  );
  const input = tensor([1, ...stored.shape], stored.data);
  const [found, expected] = [await runOnnx(written, input), await runNetwork(model, image)];
  let [largestDifference, largestFeature] = [0, 0];
  for (const [name, { data }] of expected) {
    data.forEach((value, index) => {
      const difference = Math.abs(value - found[name]!.data[index]!);
      if (!(difference <= largestDifference)) largestDifference = difference;
      largestFeature = Math.max(largestFeature, Math.abs(value));
    });
  }
  if (!(largestDifference <= TOLERANCE * largestFeature)) {
    throw new InputError(
      'engine',
      `${path}: the written file differs by ${largestDifference} from the network, whose greatest feature is ${largestFeature}`,
      'Do not use this file.',
    );
  }
  const outputs = Object.fromEntries([...expected.keys()].map((name) => [name, found[name]!.shape]));
  const inputShape = [1, ...image.shape];
  return { inputShape, outputs, maximum, bytes: written.length, largestDifference, largestFeature };
}

/**
 * A chest phantom, a radiograph or a volume, in every channel, each a little darker than the last: `[C, ...size]`, stored values
 * from 0 to `maximum`.
 */
export function testImage(channels: number, size: readonly number[], maximum: number): Tensor {
  const data = phantomOf(size);
  const image = tensor([channels, ...size]);
  for (let channel = 0; channel < channels; channel++) {
    image.data.set(
      data.map((value) => Math.round((value * 255) / (1 + channel / 4)) * (maximum / 255)),
      channel * data.length,
    );
  }
  return image;
}

/** Values in [0, 1]. */
function phantomOf(size: readonly number[]): Float32Array {
  const drawn = { seed: 0, subject: 'export' };
  if (size.length === 2) return chestPhantom({ size: size as [number, number], ...drawn }).image.data;
  const { data } = thoraxPhantom({ size: size as [number, number, number], ...drawn });
  return Float32Array.from(data, (value) => Math.min(Math.max((value + 1000) / 2000, 0), 1));
}

/** Runs the bytes of an ONNX file on the CPU. @param image its input, with the batch axis */
export async function runOnnx(model: Uint8Array, image: Tensor): Promise<Record<string, Tensor>> {
  const engine = await startEngine({ device: 'cpu' });
  try {
    const program = await engine.load(model);
    return await engine.run(program, { image });
  } finally {
    await engine.close();
  }
}

/** The same outputs by the path that `embed` and the training take. */
async function runNetwork(model: Model, image: Tensor): Promise<Map<string, Tensor>> {
  const network = await openNetwork(model);
  try {
    const order = [4, 3, 2, 1, 0] as const;
    const features = await backboneFeatures(network, image, order);
    return new Map(order.map((level, index) => [OUTPUTS[level], features[index]!]));
  } finally {
    await network.close();
  }
}

/** What a user of the file needs to know, as `metadata_props`. */
function describe(model: Model, shape: readonly number[], maximum: number): Record<string, string> {
  return {
    project: 'COVER for TypeScript (cover-ts)',
    input: `image: float32 [${shape.join(', ')}], stored values from 0 to ${maximum}; resize the picture to this size first`,
    normalisation: `image / ${maximum}, inside of the graph`,
    outputs: 'features: full resolution; level3, level2, level1, level0: 1/2, 1/4, 1/8, 1/16 of it',
    steps: String(model.step),
    config: JSON.stringify(model.config),
  };
}
