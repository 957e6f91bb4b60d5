/**
 * ONNX files that have been tried: what was written is read again, run on a drawn image of other extents and channels
 * than the network takes, and compared with the path that `cover embed`, `segment` and `classify` take.
 */
import { readFileSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { startEngine } from '../engine/node/index.js';
import { type Image, toChannels, toUnitRange } from '../image/index.js';
import { chestPhantom, thoraxPhantom } from '../phantom/index.js';
import { writeFileAtomic } from '../system/files.js';
import { backboneFeatures } from '../use/embed.js';
import {
  type BitDepth,
  backbonePreparation,
  type ExportOptions,
  featureOutputs,
  onnxBytes,
} from '../use/export/backbone.js';
import { finetunedOnnx, finetunedPlan } from '../use/export/finetuned.js';
import { imageInput, type Preparation } from '../use/export/preparation.js';
import type { FinetunedModel } from '../use/finetuned-model.js';
import type { Model } from '../use/model.js';
import { segment } from '../use/segmentation/segment.js';
import { workingImage } from '../use/working-size.js';
import { openClassifier, openNetwork, openSegmenter } from './networks.js';

/** The facts of an exported file, and how it compares with the network that it was made from. */
export interface ExportResult {
  /** Extents that vary have names. */
  readonly inputShape: readonly (number | string)[];
  /** What it takes, in words. */
  readonly values: string;
  /** Extents of the outputs for the image that was tried. */
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly bytes: number;
  /** Extents of the image that was tried, `[channels, ...S]`. */
  readonly tried: readonly number[];
  /** The greatest difference of any output but labels, and the greatest value expected. */
  readonly largestDifference: number;
  readonly largestValue: number;
  /** Pixels whose label differs; null where the file has no labels. */
  readonly otherLabels: number | null;
}

/** Of the greatest value: a larger difference than this share means that the file is wrong. */
const TOLERANCE = 1e-4;

/**
 * Writes a pretrained backbone and tries it.
 * @throws InputError ('shape') as `onnxBytes`, ('file') when it cannot be written, ('engine') when it does not compute
 * the same; the file stays for a look
 * @example const { largestDifference } = await exportOnnx(loadModel('runs/xrays'), 'backbone.onnx', { bitDepth: 16 });
 */
export async function exportOnnx(model: Model, path: string, options: ExportOptions = {}): Promise<ExportResult> {
  writeFileAtomic(path, onnxBytes(model, options));
  const preparation = backbonePreparation(model, options);
  const trial = trialOf(preparation);
  const network = await openNetwork(model);
  try {
    const order = [4, 3, 2, 1, 0] as const;
    const features = await backboneFeatures(network, workingImage(model.config, trial.unit, preparation.size), order);
    const expected = new Map(order.map((level, index) => [featureOutputs[level], features[index]!]));
    return await tried(path, preparation, trial, expected);
  } finally {
    await network.close();
  }
}

/**
 * Writes a fine-tuned network and tries it.
 * @throws InputError ('file') when it cannot be written, ('engine') when it does not compute the same
 * @example const { otherLabels } = await exportFinetuned(loadFinetuned('runs/lungs'), 'lungs.onnx'); // 0
 */
export async function exportFinetuned(model: FinetunedModel, path: string, bitDepth?: BitDepth): Promise<ExportResult> {
  writeFileAtomic(path, finetunedOnnx(model, bitDepth));
  const { preparation } = finetunedPlan(model, bitDepth);
  const trial = trialOf(preparation);
  if (model.config.task === 'classification') {
    const classifier = await openClassifier(model);
    const found = await classifier.classify(trial.unit).finally(classifier.close);
    return tried(path, preparation, trial, new Map([['probabilities', found]]));
  }
  const segmenter = await openSegmenter(model);
  try {
    if (!preparation.resize) {
      const seen = await segmenter.predict(trial.unit);
      return await tried(path, preparation, trial, new Map([['probabilities', seen]]));
    }
    const { labels, probabilities } = await segment(segmenter, trial.input, { probabilities: true, keepIslands: true });
    const expected = new Map([['probabilities', tensor(probabilities!.shape, probabilities!.data)]]);
    return await tried(path, preparation, trial, expected, labels.data);
  } finally {
    await segmenter.close();
  }
}

interface Trial {
  /** `[channels, ...S]`, as the file takes it. */
  readonly stored: Tensor;
  /** `[C, ...S]` in [0, 1], as the network's own path begins. */
  readonly unit: Tensor;
  /** The same as an input of `segment`. */
  readonly input: Parameters<typeof segment>[1];
}

/** A drawn chest, with as many channels as the network does not take where the file may be given either. */
function trialOf({ channels, values, size, resize }: Preparation): Trial {
  const extents = resize ? size.map((extent, axis) => Math.round(extent * 1.2) + 3 + axis) : size;
  const own = size.length === 3 || channels === 3 ? 1 : 3;
  const [maximum, lowest] = 'maximum' in values ? [values.maximum, 0] : [values.upper - values.lower, values.lower];
  const drawn = drawnImage(own, extents, maximum);
  const image: Image = {
    shape: extents,
    channels: own,
    data: drawn.data,
    bitDepth: maximum === 255 ? 8 : maximum === 65535 ? 16 : 32,
    maximum,
    source: 'the image that is tried',
  };
  const unit = toUnitRange(toChannels(image, channels));
  const stored = tensor(
    drawn.shape,
    drawn.data.map((value) => value + lowest),
  );
  if (size.length === 2) return { stored, unit, input: unit };
  const grid = {
    shape: extents as unknown as [number, number, number],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  } as const;
  const volume = {
    ...grid,
    data: drawn.data,
    slope: 1,
    intercept: 0,
    modality: 'other',
    source: image.source,
    warnings: [],
  } as const;
  return { stored, unit, input: { image: unit, grid, file: grid, stored: volume } };
}

/**
 * A chest, a radiograph or a volume, in every channel, each a little darker than the last: whole steps of 1/255 of the
 * maximum.
 */
function drawnImage(channels: number, size: readonly number[], maximum: number): Tensor {
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

/** @param labels those that the network's own path decides; compared where the file has them */
async function tried(
  path: string,
  preparation: Preparation,
  { stored }: Trial,
  expected: ReadonlyMap<string, Tensor>,
  labels?: Uint8Array,
): Promise<ExportResult> {
  const written = readFileSync(path);
  const engine = await startEngine({ device: 'cpu' });
  const image = tensor([1, ...stored.shape], stored.data);
  const found = await engine
    .load(written)
    .then((program) => engine.run(program, { image }))
    .finally(() => engine.close());
  let [largestDifference, largestValue] = [0, 0];
  for (const [name, { data }] of expected) {
    data.forEach((value, index) => {
      const difference = Math.abs(value - found[name]!.data[index]!);
      if (!(difference <= largestDifference)) largestDifference = difference;
      largestValue = Math.max(largestValue, Math.abs(value));
    });
  }
  if (!(largestDifference <= TOLERANCE * largestValue)) {
    throw new InputError(
      'engine',
      `${path}: the written file differs by ${largestDifference} from the network, whose greatest value is ${largestValue}`,
      'Do not use this file.',
    );
  }
  const { values } = preparation;
  return {
    inputShape: imageInput(preparation).shape,
    values: valuesText(values),
    outputs: Object.fromEntries(Object.entries(found).map(([name, { shape }]) => [name, shape])),
    bytes: written.length,
    tried: stored.shape,
    largestDifference,
    largestValue,
    otherLabels: labels ? otherLabels(found, labels) : null,
  };
}

function valuesText(values: Preparation['values']): string {
  if (!('maximum' in values)) return 'real values';
  return values.maximum === 1 ? 'values 0 to 1' : `stored values 0 to ${values.maximum}`;
}

/** Labels as indices, or as a mask for each class against the sets that a byte holds. */
function otherLabels({ labels, masks }: Readonly<Record<string, Tensor>>, expected: Uint8Array): number | null {
  if (labels) return expected.reduce((sum, label, pixel) => sum + (labels.data[pixel] === label ? 0 : 1), 0);
  if (!masks) return null;
  const count = sizeOf(masks.shape.slice(2));
  return expected.reduce((sum, set, pixel) => {
    let found = 0;
    for (let k = 0; k < masks.shape[1]!; k++) found |= masks.data[k * count + pixel]! << k;
    return sum + (found === set ? 0 : 1);
  }, 0);
}
