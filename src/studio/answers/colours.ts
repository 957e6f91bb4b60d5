/** Features of two images as colours, in one basis: like features, like colours. */
import { type Tensor, tensor } from '../../core/tensor.js';
import type { CaseInput } from '../../data/input.js';
import { principalComponents } from '../../features/pca.js';
import { resizeLinear } from '../../image/index.js';
import { backboneFeatures, type Network } from '../../use/index.js';
import type { Answer } from './answer.js';
import { seen } from './seen.js';

/** What comes before `a` and `b`, each `[...S, 3]` bytes: the extents that the network saw. */
export interface ColourFacts {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** The first three principal components of the full-resolution features of two images. */
export async function featureColours(network: Network, images: readonly CaseInput[]): Promise<Answer<ColourFacts>> {
  const found: Tensor[] = [];
  const extents: number[][] = [];
  for (const input of images) {
    const { image } = seen(network, input);
    const grid = image.shape.slice(1);
    const [features] = await backboneFeatures(network, image, [4]);
    found.push(resizeLinear(features!, grid, grid));
    extents.push(grid);
  }
  const [first, second] = found as [Tensor, Tensor];
  const channels = first.shape[0]!;
  const [n, m] = [first.data.length / channels, second.data.length / channels];
  const both = tensor([channels, n + m]);
  for (let channel = 0; channel < channels; channel++) {
    both.data.set(first.data.subarray(channel * n, (channel + 1) * n), channel * (n + m));
    both.data.set(second.data.subarray(channel * m, (channel + 1) * m), channel * (n + m) + n);
  }
  const colours = colourBytes(principalComponents(both, Math.min(3, channels)).scores);
  return {
    facts: { a: extents[0]!, b: extents[1]! },
    arrays: { a: colours.subarray(0, 3 * n), b: colours.slice(3 * n) },
  };
}

/** Each component from its 2nd to its 98th percentile, as `[P, 3]` bytes. */
function colourBytes({ shape, data }: Tensor): Uint8Array {
  const [components, count] = shape as [number, number];
  const bytes = new Uint8Array(3 * count).fill(128);
  for (let index = 0; index < components; index++) {
    const values = data.subarray(index * count, (index + 1) * count);
    const sorted = values.slice().sort();
    const [low, high] = [sorted[Math.floor(0.02 * (count - 1))]!, sorted[Math.ceil(0.98 * (count - 1))]!];
    for (let at = 0; at < count; at++) {
      bytes[3 * at + index] = Math.round(255 * Math.min(1, Math.max(0, (values[at]! - low) / (high - low || 1))));
    }
  }
  return bytes;
}
