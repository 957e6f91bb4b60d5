/** One image laid over another, for the page. */
import type { Tensor } from '../../../core/tensor.js';
import { readInput } from '../../../data/index.js';
import { type Network, type RegistrationMeasures, register } from '../../../use/index.js';
import { encodeFrame } from '../../shared/frame.js';
import { refused } from '../refused.js';

/**
 * What comes before `moving`, `fixed` and `warped`, gray bytes on the fixed image's pixels, and `field` `[2, H, W]`.
 */
export interface RegistrationFacts {
  readonly height: number;
  readonly width: number;
  readonly measures: RegistrationMeasures;
}

export async function registrationFrame(network: Network, a: string, b: string): Promise<Uint8Array<ArrayBuffer>> {
  const { config, backbone } = network.model;
  if (backbone.dims !== 2)
    throw refused(409, 'this network was trained on volumes; cover register lays volumes over each other');
  const [moving, fixed] = [await readInput(a, config.data.channels), await readInput(b, config.data.channels)];
  const { field, displacement, before, warped, measures } = await register(network, moving, fixed);
  const [height, width] = fixed.shape.slice(1) as [number, number];
  const facts: RegistrationFacts = { height, width, measures };
  return encodeFrame(facts, {
    moving: grayBytes(before),
    fixed: grayBytes(fixed),
    warped: grayBytes(warped),
    field: displacement.data,
    places: field.data,
  });
}

/** The mean over the channels of values in [0, 1]. @param image `[C, H, W]` */
export function grayBytes({ shape, data }: Tensor): Uint8Array {
  const channels = shape[0]!;
  const pixels = data.length / channels;
  return Uint8Array.from({ length: pixels }, (_, pixel) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += data[channel * pixels + pixel]!;
    return Math.round(255 * Math.min(1, Math.max(0, sum / channels)));
  });
}
