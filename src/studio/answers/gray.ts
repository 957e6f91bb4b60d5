/** Images as the page shows them. */
import type { Tensor } from '../../core/tensor.js';

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
