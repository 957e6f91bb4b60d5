/** One image laid over another. */
import type { CaseInput } from '../../data/input.js';
import { gridOf, valuesOf } from '../../data/labelled/recipe.js';
import { spacingOf } from '../../image/index.js';
import { type Network, type RegistrationMeasures, register } from '../../use/index.js';
import type { Answer } from './answer.js';
import { grayBytes } from './gray.js';
import { seen } from './seen.js';

/**
 * What comes before `moving`, `fixed` and `warped`, gray bytes on the fixed image's pixels, and `field` `[nd, ...S]`.
 */
export interface RegistrationFacts {
  /** `[...S]`; of volumes in RAS, at the spacing that the network sees. */
  readonly shape: readonly number[];
  /** Edges of a pixel along the axes: in mm of volumes, else 1. */
  readonly spacing: readonly number[];
  readonly measures: RegistrationMeasures;
}

export async function registered(
  network: Network,
  moving: CaseInput,
  fixed: CaseInput,
): Promise<Answer<RegistrationFacts>> {
  // Says it where the network takes no such files.
  for (const input of [moving, fixed]) seen(network, input);
  const [from, to] = [valuesOf(moving), valuesOf(fixed)];
  const shape = to.shape.slice(1);
  const grid = gridOf(fixed);
  const spacing = grid ? spacingOf(grid) : shape.map(() => 1);
  const { displacement, before, warped, measures } = await register(network, from, to, { spacing });
  return {
    facts: { shape, spacing, measures },
    arrays: {
      moving: grayBytes(before),
      fixed: grayBytes(to),
      warped: grayBytes(warped),
      field: displacement.data,
    },
  };
}
