/** Features of an image at every decoder level, for the page: it compares them itself, at the speed of the pointer. */
import type { Tensor } from '../../../core/tensor.js';
import { tensor } from '../../../core/tensor.js';
import { readInput } from '../../../data/index.js';
import { principalComponents } from '../../../features/pca.js';
import { resizeLinear } from '../../../image/index.js';
import { backboneFeatures, levels, type Network, workingImage, workingShape } from '../../../use/index.js';
import { encodeFrame } from '../../shared/frame.js';
import { refused } from '../refused.js';

/** What comes before the arrays `level0` … `level4`, each `[C, h, w]`. */
export interface FeatureFacts {
  /** The grid that the network saw, `[height, width]`. */
  readonly grid: readonly [number, number];
  /** The extents of the image, `[height, width]`. */
  readonly own: readonly [number, number];
  readonly levels: readonly { readonly shape: readonly number[]; readonly span: readonly [number, number] }[];
}

/** The most values that are sent of an image. */
const MOST = 2 ** 26;

/** An image at the size at which a network sees it. */
async function seen(network: Network, path: string): Promise<{ image: Tensor; own: [number, number] }> {
  const { config, backbone } = network.model;
  if (backbone.dims !== 2)
    throw refused(409, 'this network was trained on volumes, which the page does not compare yet');
  const image = await readInput(path, config.data.channels);
  const own = image.shape.slice(1) as [number, number];
  return { image: workingImage(config, image, workingShape(config, own)), own };
}

export async function featureFrame(network: Network, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { image, own } = await seen(network, path);
  const grid = image.shape.slice(1) as [number, number];
  const found = await backboneFeatures(network, image, levels);
  const values = found.reduce((sum, { data }) => sum + data.length, 0);
  if (values > MOST)
    throw refused(413, `expected at most ${MOST} feature values, found ${values}: the image is too large`);
  const facts: FeatureFacts = {
    grid,
    own,
    levels: found.map(({ shape }, level) => ({
      shape,
      span: [grid[0] / 2 ** (4 - level), grid[1] / 2 ** (4 - level)],
    })),
  };
  return encodeFrame(facts, Object.fromEntries(found.map(({ data }, level) => [`level${level}`, data])));
}

/** What comes before `a` and `b`, each `[h, w, 3]` bytes. */
export interface ColourFacts {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/**
 * The first three principal components of both images' full-resolution features as colours, in one basis: like
 * features, like colours.
 */
export async function colourFrame(network: Network, a: string, b: string): Promise<Uint8Array<ArrayBuffer>> {
  const found: Tensor[] = [];
  const extents: [number, number][] = [];
  for (const path of [a, b]) {
    const { image } = await seen(network, path);
    const [height, width] = image.shape.slice(1) as [number, number];
    const [features] = await backboneFeatures(network, image, [4]);
    found.push(resizeLinear(features!, [height, width], [height, width]));
    extents.push([height, width]);
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
  const facts: ColourFacts = { a: extents[0]!, b: extents[1]! };
  return encodeFrame(facts, { a: colours.subarray(0, 3 * n), b: colours.slice(3 * n) });
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
