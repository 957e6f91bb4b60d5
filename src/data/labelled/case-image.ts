/** An image file as the network takes it. */
import type { Tensor } from '../../core/tensor.js';
import { readImage } from '../../image/files.js';
import { toChannels, toUnitRange } from '../../image/index.js';

/** The image of a case, `[C, ...S]` in [0, 1] on its own pixels. */
export async function readCaseImage(path: string, channels: 1 | 3): Promise<Tensor> {
  return toUnitRange(toChannels(await readImage(path), channels));
}
