/**
 * The elastic part of a spatial transformation (paper: Self-Vector Regression, the "non-rigid" views): random offsets
 * in [-1, 1], smoothed with a Gaussian and amplified, are added to the source position of each pixel. Off by default,
 * as in the release. The offsets cover the whole image, so a crop sees the same deformation wherever it lies.
 */
import type { Random } from '../core/random.js';
import { sizeOf, stridesOf } from '../core/tensor.js';
import { forEachRow } from './region.js';
import { gaussianSmooth } from './smooth.js';
import type { SpatialPart } from './spatial.js';

export interface ElasticOptions {
  /** Range of the amplification of the smoothed offsets; the release's is [0, 1000]. */
  readonly alpha: readonly [number, number];
  /** Range of the smoothing's standard deviation in pixels; the release's is [10, 13]. */
  readonly sigma: readonly [number, number];
}

export interface ElasticDraws {
  readonly alpha: number;
  /** Standard deviation in pixels. */
  readonly sigma: number;
  /** `[...S]` for each axis, uniform in [0, 1). */
  readonly noise: readonly (Float32Array | Float64Array)[];
  /** The image's extents S. */
  readonly shape: readonly number[];
}

/** Draws an elastic deformation of an image of `shape` (`[...S]`, pixels). */
export function elasticDraw(random: Random, options: ElasticOptions, shape: readonly number[]): ElasticDraws {
  const alpha = random.uniform(...options.alpha);
  const sigma = random.uniform(...options.sigma);
  const noise = shape.map(() => {
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = random.uniform();
    return values;
  });
  return { alpha, sigma, noise, shape };
}

/** The offsets of a draw, `[...S]` for each axis, in pixels. */
export function elasticOffsets({ alpha, sigma, noise, shape }: ElasticDraws): Float64Array[] {
  const axes = shape.map((_, axis) => axis);
  return noise.map((values) => {
    const signs = Float64Array.from(values, (value) => 2 * value - 1);
    const offsets = gaussianSmooth(signs, shape, axes, sigma, 'constant');
    for (let i = 0; i < offsets.length; i++) offsets[i]! *= alpha;
    return offsets;
  });
}

/** The drawn deformation as a part. It is smoothed once, here; `move` only reads it. */
export function elasticPart(draws: ElasticDraws): SpatialPart {
  const offsets = elasticOffsets(draws);
  const strides = stridesOf(draws.shape);
  return {
    kind: 'elastic',
    move(positions, { start, size }) {
      const count = sizeOf(size);
      const row = size.at(-1)!;
      let pixel = 0;
      forEachRow(size, (index) => {
        const first = index.reduce((sum, value, axis) => sum + (start[axis]! + value) * strides[axis]!, 0);
        for (let axis = 0; axis < offsets.length; axis++) {
          const from = offsets[axis]!;
          const to = axis * count + pixel;
          for (let column = 0; column < row; column++) positions[to + column]! += from[first + column]!;
        }
        pixel += row;
      });
    },
  };
}
