/** Features of an image at every decoder level: the page compares them itself, at the speed of the pointer. */
import { InputError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { backboneFeatures, levels, type Network, workingImage, workingShape } from '../../use/index.js';
import { type Answer, requirePlane } from './answer.js';

/** What comes before the arrays `level0` … `level4`, each `[C, h, w]`. */
export interface FeatureFacts {
  /** The grid that the network saw, `[height, width]`. */
  readonly grid: readonly [number, number];
  /** The extents of the image, `[height, width]`. */
  readonly own: readonly [number, number];
  readonly levels: readonly { readonly shape: readonly number[]; readonly span: readonly [number, number] }[];
}

/** The most values that are given of an image. */
const MOST = 2 ** 26;

/** An image at the size at which a network sees it. @param image `[C, H, W]` in [0, 1] */
export function seen(network: Network, image: Tensor): Tensor {
  requirePlane(network);
  const { config } = network.model;
  return workingImage(config, image, workingShape(config, image.shape.slice(1)));
}

/** @param own `[C, H, W]` in [0, 1] @throws InputError ('shape') for an image that is too large */
export async function imageFeatures(network: Network, own: Tensor): Promise<Answer<FeatureFacts>> {
  const image = seen(network, own);
  const grid = image.shape.slice(1) as [number, number];
  const found = await backboneFeatures(network, image, levels);
  const values = found.reduce((sum, { data }) => sum + data.length, 0);
  if (values > MOST) {
    throw new InputError('shape', `expected at most ${MOST} feature values, found ${values}: the image is too large`);
  }
  return {
    facts: {
      grid,
      own: own.shape.slice(1) as [number, number],
      levels: found.map(({ shape }, level) => ({
        shape,
        span: [grid[0] / 2 ** (4 - level), grid[1] / 2 ** (4 - level)],
      })),
    },
    arrays: Object.fromEntries(found.map(({ data }, level) => [`level${level}`, data])),
  };
}
