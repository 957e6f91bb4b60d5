/**
 * A validation sample of a pretraining as its network sees it: both views, the true field, and the field after every
 * level of the pyramid. The draw is the one that the run itself looks at.
 */

import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Fit } from '../../data/options.js';
import { resizeLinear } from '../../image/index.js';
import type { RunImages } from '../../pretrain/host.js';
import { methodOf } from '../../pretrain/methods.js';
import { namedArrays } from '../../train/objective.js';
import { type Network, requireField } from '../../use/index.js';
import type { Answer } from './answer.js';
import { Conflict } from './conflict.js';
import { grayBytes } from './gray.js';

/**
 * What comes before `moving`, `fixed` and `mask`, bytes, `truth` `[nd, ...S]` and `flow0` …, `[nd, ...S]` each, all in
 * pixels.
 */
export interface SampleFacts {
  /** Of the views, `[...S]`; volumes lie in RAS. */
  readonly shape: readonly number[];
  /** Edges of a pixel along the axes: in mm of volumes, else 1. */
  readonly spacing: readonly number[];
  readonly index: number;
  /** Samples that there are. */
  readonly count: number;
  /** Fields that are sent, from coarse to fine. */
  readonly levels: number;
  readonly step: number;
  /** The mean error of the last field over the valid pixels, and of a field of zeros, in pixels. */
  readonly error: number;
  readonly zero: number;
}

/**
 * @param data the images of the run
 * @param index a validation sample, from 0; beyond the last one the last is taken
 * @throws Conflict ('data') where the run holds no images out
 */
export async function validationSample(network: Network, data: RunImages, index: number): Promise<Answer<SampleFacts>> {
  const { model } = network;
  const { config } = model;
  requireField(model);
  const method = methodOf(config);
  const { validation } = data;
  if (!validation) throw new Conflict('data', `${model.source}: expected a run that holds images out, found none`);
  const at = Math.min(index, validation.files.length - 1);
  const { crop } = config.views;
  const loader = data.samples('validation');
  const arrays = await loader.batch([{ epoch: 0, sample: at }]);
  await loader.close();
  const sample = namedArrays(arrays, { sampleShapes: method.sampleShapes(crop) });
  const { channels } = config.data;
  const [moving, fixed] = [sample.moving!, sample.fixed!].map((values) => tensor([channels, ...crop], values)) as [
    Tensor,
    Tensor,
  ];
  const outputs = await network.run(
    'flows',
    (_, parameters, inputs) => {
      const flows = method.flows!(parameters, inputs.moving!, inputs.fixed!);
      return Object.fromEntries(flows.map((flow, level) => [`flow${level}`, flow]));
    },
    { moving: tensor([1, channels, ...crop], moving.data), fixed: tensor([1, channels, ...crop], fixed.data) },
  );
  const flows = Object.keys(outputs)
    .sort()
    .map((name) => onViews(outputs[name]!, crop));
  const mask = sample.mask!;
  const facts: SampleFacts = {
    ...{ shape: crop, spacing: spacingIn(data, config.data.fit, at), index: at, count: validation.files.length },
    ...{ levels: flows.length, step: model.step },
    error: meanError(flows.at(-1)!.data, sample.field!, mask),
    zero: meanError(new Float32Array(sample.field!.length), sample.field!, mask),
  };
  return {
    facts,
    arrays: {
      moving: grayBytes(moving),
      fixed: grayBytes(fixed),
      mask: Uint8Array.from(mask, (value) => (value > 0.5 ? 255 : 0)),
      truth: sample.field!,
      ...Object.fromEntries(flows.map(({ data: flow }, level) => [`flow${level}`, flow])),
    },
  };
}

/** Edges of a pixel of the views that are cut from a validation image. */
function spacingIn({ validation, imageShape }: RunImages, fit: Fit, at: number): number[] {
  const [spacing, own] = [validation!.spacings[at], validation!.shapes[at]!];
  // Slices of volumes are images.
  if (!spacing || imageShape.length === 2) return imageShape.map(() => 1);
  return spacing.map((edge, axis) => (fit === 'resize' ? (edge * own[axis]!) / imageShape[axis]! : edge));
}

/** A flow `[1, nd, ...T]` on the pixels of the views, and in these pixels. */
function onViews({ shape, data }: Tensor, crop: readonly number[]): Tensor {
  const flow = tensor(shape.slice(1), data);
  const own = shape.slice(2);
  if (own.every((extent, axis) => extent === crop[axis])) return flow;
  const resized = resizeLinear(flow, crop);
  const pixels = sizeOf(crop);
  for (let at = 0; at < resized.data.length; at++) {
    const axis = Math.floor(at / pixels);
    resized.data[at]! *= crop[axis]! / own[axis]!;
  }
  return resized;
}

function meanError(predicted: Float32Array, truth: Float32Array, mask: Float32Array): number {
  let [sum, valid] = [0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel]! <= 0.5) continue;
    let square = 0;
    for (let at = pixel; at < truth.length; at += mask.length) square += (predicted[at]! - truth[at]!) ** 2;
    sum += Math.sqrt(square);
    valid++;
  }
  return sum / Math.max(1, valid);
}
