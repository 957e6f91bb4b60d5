/** One image laid over another. */
import type { Tensor } from '../../core/tensor.js';
import { type Network, type RegistrationMeasures, register } from '../../use/index.js';
import { type Answer, requirePlane } from './answer.js';
import { grayBytes } from './gray.js';

/**
 * What comes before `moving`, `fixed` and `warped`, gray bytes on the fixed image's pixels, and `field` `[2, H, W]`.
 */
export interface RegistrationFacts {
  readonly height: number;
  readonly width: number;
  readonly measures: RegistrationMeasures;
}

/** @param moving and `fixed`: `[C, H, W]` in [0, 1] */
export async function registered(network: Network, moving: Tensor, fixed: Tensor): Promise<Answer<RegistrationFacts>> {
  requirePlane(network);
  const { field, displacement, before, warped, measures } = await register(network, moving, fixed);
  const [height, width] = fixed.shape.slice(1) as [number, number];
  return {
    facts: { height, width, measures },
    arrays: {
      moving: grayBytes(before),
      fixed: grayBytes(fixed),
      warped: grayBytes(warped),
      field: displacement.data,
      places: field.data,
    },
  };
}
