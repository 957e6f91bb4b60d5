/** Features as a picture: the first three principal components are its colours. */
import { principalComponents } from '../analysis/pca.js';
import { invariant } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { type Picture, paint } from './canvas.js';

/** The first three components of features `[C, H, W]` as red, green, blue, each from its 2nd to its 98th percentile. */
export function pcaPicture(features: Tensor): Picture {
  const [channels, height, width] = features.shape as readonly [number, number, number];
  invariant(features.shape.length === 3, `features are [C, H, W], found [${features.shape.join(', ')}]`);
  const count = Math.min(3, channels);
  const { scores, variances } = principalComponents(features, count);
  const pixels = height * width;
  const ranges = Array.from({ length: count }, (_, index) => {
    const sorted = scores.data.slice(index * pixels, (index + 1) * pixels).sort();
    return [sorted[Math.floor(0.02 * (pixels - 1))]!, sorted[Math.ceil(0.98 * (pixels - 1))]!] as const;
  });
  return paint(height, width, (row, column) => {
    const channel = (index: number) => {
      const range = ranges[index];
      if (!range || !(variances[index]! > 1e-12 * variances[0]!)) return 128;
      const share = (scores.data[index * pixels + row * width + column]! - range[0]) / (range[1] - range[0] || 1);
      return Math.round(255 * Math.min(1, Math.max(0, share)));
    };
    return [channel(0), channel(1), channel(2)];
  });
}
