// A case of a training step: {dims, size, batch, channels?, precision?}, of COVER with random views.
import { normal, uniform } from '../../dist/bench/runners/uniform.js';
import { defaultChannels, initialParameters } from '../../dist/nn/index.js';
import { readConfig } from '../../dist/pretrain/config.js';
import { methodOf, objectiveOf } from '../../dist/pretrain/methods.js';
import { defaultOptimizer } from '../../dist/train/optimizer.js';

/** The options of its trainer, and what its first parameters are made by. */
export function stepOptions({ dims, size, batch, channels = defaultChannels, precision = 'full' }) {
  const crop = Array.from({ length: dims }, () => size);
  const settings = [`views.crop=[${crop}]`, `model.channels=[${channels}]`, 'model.window=2'];
  const method = methodOf(readConfig({ settings }));
  const objective = objectiveOf(method, crop);
  const options = { objective, optimizer: defaultOptimizer, batch, micro: batch, precision };
  return { crop, options, parameters: () => initialParameters(method.specs, 0) };
}

/** The arrays of a batch. */
export function randomViews({ dims, size, batch }) {
  const pixels = batch * size ** dims;
  return {
    moving: uniform(pixels),
    fixed: uniform(pixels),
    field: normal(dims * pixels, 3),
    mask: new Float32Array(pixels).fill(1),
  };
}
