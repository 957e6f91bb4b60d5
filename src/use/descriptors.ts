/**
 * What a pretrained network knows of the places of an image: of every cell of a grid the features of all decoder
 * levels, each level at unit length, one after the other. The inner product of two such descriptors is the mean of the
 * levels' cosines: the deep levels know the region, the fine ones the place within it.
 */
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { resizeImage } from '../image/index.js';
import { embedLevels, levels } from './embed.js';
import type { Network } from './network.js';

/**
 * @param image `[C, ...S]` in [0, 1], which the network sees as it is
 * @param cells the extents of the grid over it
 * @returns `[F, ...cells]`, each cell's of unit length
 * @throws InputError ('shape') for another number of channels or axes
 */
export async function describeCells(network: Network, image: Tensor, cells: readonly number[]): Promise<Tensor> {
  const found = await embedLevels(network, image, levels, { grid: 'network', size: image.shape.slice(1) });
  const maps = found.map((features) => resizeImage(features, cells, { antialias: true }));
  const result = tensor([maps.reduce((sum, { shape }) => sum + shape[0]!, 0), ...cells]);
  let first = 0;
  for (const { shape, data } of maps) {
    const count = sizeOf(cells);
    for (let cell = 0; cell < count; cell++) {
      let square = 0;
      for (let at = cell; at < data.length; at += count) square += data[at]! ** 2;
      const bound = Math.max(SMALLEST, Math.sqrt(square * maps.length));
      for (let at = cell; at < data.length; at += count) result.data[first + at] = data[at]! / bound;
    }
    first += shape[0]! * count;
  }
  return result;
}

/** A bound for lengths: features of zeros are like none. */
const SMALLEST = 1e-12;
