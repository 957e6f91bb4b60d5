/** Features as a picture: the first three principal components are its colours. */

import { invariant } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { principalComponents } from '../features/pca.js';
import { type Picture, paint } from './canvas.js';

/**
 * The first three components of features `[C, ...S]` as red, green and blue, each from its 2nd to its 98th percentile.
 * @returns `[3, ...S]` in [0, 1]; a component that does not vary is 0.5
 */
export function pcaColours(features: Tensor): Tensor {
  const [channels, ...shape] = features.shape as [number, ...number[]];
  const count = Math.min(3, channels);
  const { scores, variances } = principalComponents(features, count);
  const result = tensor([3, ...shape]);
  const pixels = result.data.length / 3;
  result.data.fill(0.5);
  for (let index = 0; index < count; index++) {
    if (!(variances[index]! > 1e-12 * variances[0]!)) continue;
    const values = scores.data.subarray(index * pixels, (index + 1) * pixels);
    const sorted = values.slice().sort();
    const low = sorted[Math.floor(0.02 * (pixels - 1))]!;
    const high = sorted[Math.ceil(0.98 * (pixels - 1))]!;
    const target = result.data.subarray(index * pixels, (index + 1) * pixels);
    for (let pixel = 0; pixel < pixels; pixel++) {
      target[pixel] = Math.min(1, Math.max(0, (values[pixel]! - low) / (high - low || 1)));
    }
  }
  return result;
}

/** Colours `[3, H, W]` in [0, 1] as a picture. */
export function coloursPicture({ shape, data }: Tensor): Picture {
  const [channels, height, width] = shape as readonly [number, number, number];
  invariant(shape.length === 3 && channels === 3, `colours are [3, H, W], found [${shape.join(', ')}]`);
  const pixels = height * width;
  const level = (index: number) => Math.round(255 * data[index]!);
  return paint(height, width, (row, column) => {
    const at = row * width + column;
    return [level(at), level(pixels + at), level(2 * pixels + at)];
  });
}

/** The first three components of features `[C, H, W]` as red, green, blue, each from its 2nd to its 98th percentile. */
export function pcaPicture(features: Tensor): Picture {
  invariant(features.shape.length === 3, `features are [C, H, W], found [${features.shape.join(', ')}]`);
  return coloursPicture(pcaColours(features));
}
