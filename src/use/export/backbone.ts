/**
 * A pretrained backbone as one ONNX file for any runtime: an image as it is stored in, features out. Channels, range
 * and size are brought to what the network takes inside of the file, and the weights are initializers under the names
 * of the authors' state dict.
 */
import { Graph, type Value } from '../../graph/index.js';
import { DIVISOR, divisibilityError, unet } from '../../nn/index.js';
import { encodeOnnx } from '../../onnx/encode.js';
import { NodeList } from '../../onnx/surroundings.js';
import { backboneOf, type Model, namedParameters } from '../model.js';
import { trainedShape } from '../working-size.js';
import { fixedWindow } from './plan.js';
import { imageInput, type Preparation, preparing } from './preparation.js';

/** Bits of a stored value, and the largest value that they hold; 32 is floating point from 0 to 1. */
export const bitDepths = { 8: 255, 16: 65535, 32: 1 } as const;
export type BitDepth = keyof typeof bitDepths;

export interface ExportOptions {
  /** Extents `[...S]` that images are resized to, divisible by 16; by default those of the training, rounded. */
  readonly size?: readonly number[] | undefined;
  /** Of images 8 by default; volumes have real values, or values from 0 to 1. */
  readonly bitDepth?: BitDepth | undefined;
}

/** The names of the outputs, deepest level first. */
export const featureOutputs = ['level0', 'level1', 'level2', 'level3', 'features'] as const;

/** How a file of these options prepares an image. */
export function backbonePreparation(model: Model, { size = defaultSize(model), bitDepth }: ExportOptions): Preparation {
  const { data } = model.config;
  const maximum = bitDepths[bitDepth ?? (size.length === 3 ? 32 : 8)];
  const values = (size.length === 3 && bitDepth === undefined && fixedWindow(data.intensity)) || { maximum };
  return { channels: model.backbone.inputs as 1 | 3, values, size, resize: true, antialias: data.antialias };
}

/**
 * The bytes of the ONNX file. Input `image`: float32 `[1, channels, ...S]` of any extents, one channel or three, as it
 * is stored. Outputs: `features` `[1, F, ...size]`, and `level3` … `level0` at 1/2 … 1/16 of that resolution.
 * @throws InputError ('shape') when an extent is not divisible by 16
 */
export function onnxBytes(model: Model, options: ExportOptions = {}): Uint8Array {
  const preparation = backbonePreparation(model, options);
  const { size, channels } = preparation;
  if (size.some((extent) => !(extent > 0) || extent % DIVISOR !== 0)) throw divisibilityError('the size', size);
  const graph = new Graph('gpu'); // The older operator set, which more runtimes know.
  const parameters = new Map<string, Value>();
  for (const [name, { shape, data }] of namedParameters(backboneOf(model))) {
    parameters.set(name, graph.constant(data, shape));
  }
  const features = unet(parameters, 'backbone.', graph.input('prepared', [1, channels, ...size]));
  const outputs = featureOutputs.map((name, level) => [name, features[level]!] as const).reverse();
  const before = new NodeList('p');
  preparing(before, preparation, 'prepared');
  return encodeOnnx(Object.fromEntries(outputs), {
    names: new Map([...parameters].map(([name, value]) => [value, name])),
    metadata: describe(model, preparation),
    surroundings: {
      before: before.nodes,
      after: [],
      constants: before.constants,
      inputs: [imageInput(preparation)],
      outputs: outputs.map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    },
  });
}

/** The images of the training, in multiples of 16. */
function defaultSize(model: Model): number[] {
  return trainedShape(model.config).map((extent) => Math.max(DIVISOR, Math.round(extent / DIVISOR) * DIVISOR));
}

/** What a user of the file needs to know, as `metadata_props`. */
function describe(model: Model, preparation: Preparation): Record<string, string> {
  const { size } = preparation;
  const { spacing, intensity } = model.config.data;
  const volume = [
    { step: 'turn', axes: 'z, y, x', orientation: 'RAS' },
    ...('maximum' in preparation.values ? [{ step: 'intensity', rule: intensity, to: [0, 1] }] : []),
    ...(spacing ? [{ step: 'resample', spacing, unit: 'mm', interpolation: 'linear' }] : []),
  ];
  return {
    project: 'COVER for TypeScript (cover-ts)',
    input: inputText(preparation),
    inside: insideText(preparation),
    outside: JSON.stringify(size.length === 3 ? volume : []),
    outputs: `features: ${size.join(' x ')}; level3, level2, level1, level0: 1/2, 1/4, 1/8, 1/16 of it`,
    steps: String(model.step),
    config: JSON.stringify(model.config),
  };
}

/** What the file takes. */
export function inputText(preparation: Preparation): string {
  const { shape } = imageInput(preparation);
  const { values } = preparation;
  const range =
    'maximum' in values ? `stored values from 0 to ${values.maximum}` : 'real values, such as Hounsfield units';
  return `image: float32 [${shape.join(', ')}], 1 or 3 channels, ${range}`;
}

/** What the file does to an image before the network. */
export function insideText({ channels, values, size, resize, antialias }: Preparation): string {
  return [
    channels === 1 ? 'colours to gray (0.299 R + 0.587 G + 0.114 B)' : 'gray to three equal channels',
    'maximum' in values ? `image / ${values.maximum}` : `${values.lower} to 0 and ${values.upper} to 1, clipped`,
    ...(resize ? [`linear resizing to ${size.join(' x ')}, half-pixel${antialias ? ', with a low-pass' : ''}`] : []),
  ].join('; ');
}
