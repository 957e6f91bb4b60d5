/** Features of an image at every decoder level: the page compares them itself, at the speed of the pointer. */
import { InputError } from '../../core/errors.js';
import type { CaseInput } from '../../data/input.js';
import { backboneFeatures, levels, type Network } from '../../use/index.js';
import { elementsOf, planeOf } from '../../use/slices.js';
import type { Answer } from './answer.js';
import { type Along, seen } from './seen.js';

/** What comes before the arrays `level0` … `level4`, each `[C, ...s]`. */
export interface FeatureFacts {
  /** The grid that the network saw, `[...S]`. */
  readonly grid: readonly number[];
  /** Where the pixels of the file lie on it. */
  readonly along: readonly Along[];
  readonly levels: readonly { readonly shape: readonly number[]; readonly span: readonly number[] }[];
}

/** The most values that are given of an image. */
const MOST = 2 ** 26;

/** @throws InputError ('shape') for an image that is too large */
export async function imageFeatures(network: Network, input: CaseInput): Promise<Answer<FeatureFacts>> {
  const { image, along } = seen(network, input);
  const grid = image.shape.slice(1);
  const found = await backboneFeatures(network, image, levels);
  const plane = planeOf(network.model.config, grid);
  const values = found.reduce((sum, { data }) => sum + data.length, 0);
  if (values > MOST) {
    throw new InputError('shape', `expected at most ${MOST} feature values, found ${values}: the image is too large`);
  }
  return {
    facts: {
      grid,
      along,
      levels: found.map(({ shape }, level) => ({ shape, span: elementsOf(level, grid, plane) })),
    },
    arrays: Object.fromEntries(found.map(({ data }, level) => [`level${level}`, data])),
  };
}
