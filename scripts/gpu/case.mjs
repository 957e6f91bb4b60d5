// A case of a training step: {dims, size, batch, channels?, precision?}, of COVER with random views.
import { randomStream } from '../../dist/core/random.js';
import { defaultChannels, initialParameters } from '../../dist/nn/index.js';
import { coverMethod } from '../../dist/pretrain/cover/method.js';
import { coverSpecs } from '../../dist/pretrain/cover/step.js';
import { objectiveOf } from '../../dist/pretrain/methods.js';
import { defaultOptimizer } from '../../dist/train/optimizer.js';

/** The options of its trainer, and what its first parameters are made by. */
export function stepOptions({ dims, size, batch, channels = defaultChannels, precision = 'full' }) {
  const crop = Array.from({ length: dims }, () => size);
  const cover = { dims, inputs: 1, channels, heads: [4, 4, 4, 1, 1], window: 2, warp: 'aligned' };
  const objective = objectiveOf(coverMethod(cover), crop);
  const options = { objective, optimizer: defaultOptimizer, batch, micro: batch, precision };
  return { crop, options, parameters: () => initialParameters(coverSpecs(cover), 0) };
}

/** The arrays of a batch. */
export function randomViews({ dims, size, batch }) {
  const random = randomStream(0, 'gpu');
  const pixels = batch * size ** dims;
  const filled = (count, draw) => Float32Array.from({ length: count }, draw);
  return {
    moving: filled(pixels, () => random.uniform(0, 1)),
    fixed: filled(pixels, () => random.uniform(0, 1)),
    field: filled(dims * pixels, () => random.normal(0, 3)),
    mask: new Float32Array(pixels).fill(1),
  };
}
