/**
 * A validation sample of a pretraining as its network sees it: both views, the true field, and the field after every
 * level of the pyramid. The draw is the one that the run itself looks at.
 */
import { type Tensor, tensor } from '../../../core/tensor.js';
import { resizeLinear } from '../../../image/index.js';
import { openImages } from '../../../node/images.js';
import { methodOf } from '../../../pretrain/methods.js';
import { namedArrays } from '../../../train/objective.js';
import { type Network, requireField } from '../../../use/index.js';
import { encodeFrame } from '../../shared/frame.js';
import { refused } from '../refused.js';
import { grayBytes } from './registration.js';

/**
 * What comes before `moving`, `fixed` and `mask`, bytes, `truth` `[2, H, W]` and `flow0` …, `[2, H, W]` each, all in
 * pixels.
 */
export interface SampleFacts {
  readonly height: number;
  readonly width: number;
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

/** @param index a validation sample, from 0; beyond the last one the last is taken */
export async function sampleFrame(network: Network, index: number): Promise<Uint8Array<ArrayBuffer>> {
  const { model } = network;
  const { config, backbone } = model;
  requireField(model);
  if (backbone.dims !== 2)
    throw refused(409, 'the views of volumes are not shown yet; the pictures of the run show them in planes');
  const method = methodOf(config);
  const data = await openImages(config);
  try {
    const cache = data.validation;
    if (!cache) throw refused(409, 'this run holds no validation images');
    const at = Math.min(index, cache.files.length - 1);
    const crop = config.views.crop as [number, number];
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
    const [height, width] = crop;
    const facts: SampleFacts = {
      ...{ height, width, index: at, count: cache.files.length, levels: flows.length, step: model.step },
      error: meanError(flows.at(-1)!.data, sample.field!, mask),
      zero: meanError(new Float32Array(sample.field!.length), sample.field!, mask),
    };
    return encodeFrame(facts, {
      moving: grayBytes(moving),
      fixed: grayBytes(fixed),
      mask: Uint8Array.from(mask, (value) => (value > 0.5 ? 255 : 0)),
      truth: sample.field!,
      ...Object.fromEntries(flows.map(({ data: flow }, level) => [`flow${level}`, flow])),
    });
  } finally {
    data.close();
  }
}

/** A flow `[1, 2, ...T]` on the pixels of the views, and in these pixels. */
function onViews({ shape, data }: Tensor, crop: readonly number[]): Tensor {
  const flow = tensor(shape.slice(1), data);
  const factor = crop[0]! / shape[2]!;
  if (factor === 1) return flow;
  const resized = resizeLinear(flow, crop);
  for (let index = 0; index < resized.data.length; index++) resized.data[index]! *= factor;
  return resized;
}

function meanError(predicted: Float32Array, truth: Float32Array, mask: Float32Array): number {
  let [sum, valid] = [0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel]! <= 0.5) continue;
    const [dy, dx] = [pixel, mask.length + pixel].map((at) => predicted[at]! - truth[at]!) as [number, number];
    sum += Math.hypot(dy, dx);
    valid++;
  }
  return sum / Math.max(1, valid);
}
