/**
 * Features of a whole image, one vector per pixel, by a pretrained backbone. The image is resized to the scale of the
 * training, padded to what the network can halve, and the features are brought back to the image's own grid. A network
 * that was trained on slices sees a volume slice by slice.
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { CaseInput } from '../data/input.js';
import { valuesOf } from '../data/labelled/recipe.js';
import { bySlices, divisibleShape, padEdge, resizeLinear } from '../image/index.js';
import { DIVISOR, unet } from '../nn/index.js';
import type { Network, NetworkBuilder } from './network.js';
import { changedWithin, elementsOf, planeOf } from './slices.js';
import { type SizeOptions, workingImage, workingShape } from './working-size.js';

/** Decoder levels, deepest (1/16 of the resolution) first. */
export const levels = [0, 1, 2, 3, 4] as const;
export type Level = (typeof levels)[number];

/** Where the features are wanted: on the image's pixels, or on the pixels that the network saw. */
export const grids = ['image', 'network'] as const;
export type Grid = (typeof grids)[number];

export interface EmbedOptions extends SizeOptions {
  /** Which decoder features; 4 is the full resolution. */
  readonly level?: Level;
  readonly grid?: Grid;
}

/**
 * The features of one image.
 * @param input `[C, ...S]` in [0, 1] with the channels of the network, or a volume with its grids
 * @returns `[F, ...T]`: level 4 has the extents of the grid; level l has these divided by 2^(4 − l) and rounded up, and
 * its element i covers pixels `i · 2^(4 − l)` up to the next; across slices every level has all of them
 * @throws InputError ('shape') for another number of channels or axes
 * @example
 * const network = await openNetwork(loadModel('runs/xrays'));
 * const image = await readInput('scan.png', network.model.config.data.channels);
 * const features = await embed(network, image); // [32, H, W]
 */
export async function embed(network: Network, input: CaseInput, options: EmbedOptions = {}): Promise<Tensor> {
  const [features] = await embedLevels(network, valuesOf(input), [options.level ?? 4], options);
  return features!;
}

/** The features of one image at several levels, each as `embed` gives it, from one pass through the network. */
export async function embedLevels(
  network: Network,
  image: Tensor,
  wanted: readonly Level[],
  { grid = 'image', size, scale }: Omit<EmbedOptions, 'level'> = {},
): Promise<Tensor[]> {
  checkImage(network, image);
  const own = image.shape.slice(1);
  const working = workingShape(network.model.config, own, { size, scale });
  const found = await backboneFeatures(network, workingImage(network.model.config, image, working), wanted);
  const target = grid === 'image' ? own : working;
  const plane = planeOf(network.model.config, own);
  return found.map((features, index) => {
    const cells = elementsOf(wanted[index]!, target, plane).map(Math.ceil);
    // The cells of the target cover this many of the network's cells; what lies beyond is padding.
    const span = cells.map((count, axis) => (count * working[axis]!) / target[axis]!);
    const fits = cells.every((count, axis) => count === features.shape[axis + 1] && count === span[axis]);
    return fits ? features : resizeLinear(features, cells, span);
  });
}

/**
 * The features of an image as it is, padded to extents that the network can halve four times.
 * @param image `[C, ...S]` in [0, 1]; of a volume seen slice by slice its slices are padded
 * @param wanted the decoder levels, each once
 * @returns for each of `wanted`, `[F, ...P / 2^(4 − level)]`, where P is S rounded up to multiples of 16; across slices
 * S itself
 */
export async function backboneFeatures(network: Network, image: Tensor, wanted: readonly Level[]): Promise<Tensor[]> {
  const own = image.shape.slice(1);
  const plane = planeOf(network.model.config, own);
  const padded = padEdge(
    image,
    changedWithin(own, plane, (seen) => divisibleShape(seen, DIVISOR)),
  );
  const build: NetworkBuilder = (_, parameters, inputs) => {
    const features = unet(parameters, 'backbone.', inputs.image!);
    return Object.fromEntries(wanted.map((level) => [`level${level}`, features[level]!]));
  };
  const look = async ({ shape, data }: Tensor) => {
    const outputs = await network.run(`levels ${wanted.join()}`, build, { image: tensor([1, ...shape], data) });
    return wanted.map((level) => {
      const { shape, data } = outputs[`level${level}`]!;
      return tensor(shape.slice(1), data);
    });
  };
  return plane ? bySlices(padded, plane, look) : look(padded);
}

function checkImage({ model }: Network, { shape }: Tensor): void {
  const { inputs, dims } = model.backbone;
  const seen = planeOf(model.config, shape.slice(1)) ? 2 : shape.length - 1;
  if (shape[0] === inputs && seen === dims) return;
  throw new InputError(
    'shape',
    `expected an image [${[inputs, ...['H', 'W', 'D'].slice(0, dims)].join(', ')}], found [${shape.join(', ')}]`,
    'Read it with readInput, which makes the channels of the network.',
  );
}
