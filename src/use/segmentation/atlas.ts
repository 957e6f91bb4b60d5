/**
 * Segmentation by an atlas: every place of an image takes the classes that the most similar places of a few labelled
 * images have, by the features of a pretrained network (docs/using.md). Nothing is trained on a label, and the places
 * may lie anywhere. A place of the atlas weighs by e^(cosine / τ), as in the propagation of labels through videos by
 * self-supervised features (Jabri, Owens, Efros 2020; Caron et al. 2021), so the weights of all of the atlas's images
 * share one softmax. Of volumes seen slice by slice every slice is an image.
 */
import { InputError } from '../../core/errors.js';
import { holds } from '../../core/label-sets.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import { singleComponents } from '../../data/labelled/islands.js';
import type { Labels } from '../../data/labelled/labels.js';
import type { CaseRecipe } from '../../data/labelled/recipe.js';
import { concat, exp, matmul, mul, reshape, split, sub, toRows, transpose } from '../../graph/index.js';
import { resizeImage, resizeLinear, type SlicePlane, sliceAxis, sliceOf, withinSlices } from '../../image/index.js';
import { describeCells } from '../descriptors.js';
import type { Network, NetworkBuilder } from '../network.js';
import type { Segmenter } from './segment.js';

/** An image or volume whose classes are known, fitted to the extents of the atlas. */
export interface AtlasCase {
  /** `[C, ...S]` in [0, 1] */
  readonly image: Tensor;
  /** `[...S]` */
  readonly labels: Labels;
}

export interface AtlasOptions {
  /** How a file becomes what the network sees: resized to the extents S, as a whole or slice by slice. */
  readonly recipe: CaseRecipe;
  /** Volumes slice by slice, by a network of two axes; `null` for images and whole volumes. */
  readonly slices: SlicePlane | null;
  /** Names by index, the background first. */
  readonly classes: readonly string[];
  /** Whether classes overlap: labels are sets of them. */
  readonly multiLabel: boolean;
  /** The label of a pixel of no class. */
  readonly ignore: number;
  /** Bytes that can be allocated now; unknown where absent. */
  readonly freeMemory?: (() => number) | undefined;
}

/**
 * τ, by the number of axes of what is labelled: a cosine that is lower by this much weighs 1/e. Chosen on the
 * validation cases of chest radiographs and of volumes of the hippocampus, whole and slice by slice.
 */
const TEMPERATURE: Readonly<Record<number, number>> = { 2: 0.02, 3: 0.005 };

/** The least extent of a cell in pixels, by the same. */
const CELL: Readonly<Record<number, number>> = { 2: 3, 3: 2 };

/** So many cells at most, which are larger then. */
const CELLS = 2 ** 13;

/** Weights that are computed together. */
const TOGETHER = 2 ** 24;

/**
 * The logarithm of the largest weight, that of a cosine of 1: so far from overflow that all weights can be summed
 * without the maximum of a softmax, so far from underflow that the most similar place counts however little it is like.
 */
const LARGEST = 64;

/** Of a volume that is seen slice by slice so many cells at most: of more, every second or third slice, and so on. */
const VOLUME = 2 ** 16;

/** What images or slices of the atlas, N of them, know of their cells. */
interface Known {
  /** `[N, F, ...cells]` */
  readonly descriptors: Tensor;
  /** `[N, K, ...cells]`: which share of each cell is known, then that of each class but the background. */
  readonly shares: Tensor;
}

/**
 * A segmenter that carries the classes of labelled images to the one that it is asked about. It owns the network.
 * @throws InputError ('config') without a labelled image
 * @example
 * const segmenter = createAtlasSegmenter(network, [{ image, labels }], { recipe, classes, multiLabel: false });
 * const { labels } = await segment(segmenter, await readCaseInput('scan.png', segmenter));
 */
export function createAtlasSegmenter(
  network: Network,
  cases: readonly AtlasCase[],
  { recipe, slices, classes, multiLabel, ignore, freeMemory }: AtlasOptions,
): Segmenter {
  if (cases.length === 0) throw new InputError('config', 'expected at least one labelled image, found none');
  const axes = recipe.window.length;
  const describe = (image: Tensor) => describeCells(network, image, cellsOf(image.shape.slice(1), axes));
  const weighed = weighedBy(1 / TEMPERATURE[axes]!);
  const knownOf = async ({ image, labels }: AtlasCase): Promise<Known> => {
    const descriptors = await describe(image);
    const masks = masksOf(labels, classes.length, ignore);
    const shares = resizeImage(masks, descriptors.shape.slice(1), { antialias: true });
    return { descriptors: batchOf(descriptors), shares: batchOf(shares) };
  };
  const learn = async (): Promise<Known[]> => {
    const known: Known[] = [];
    for (const one of cases) {
      const own: Known[] = [];
      for (const seen of slices ? slicesOf(one, slices) : [one]) own.push(await knownOf(seen));
      known.push(...together(own));
    }
    return known;
  };
  let atlas: Promise<Known[]> | undefined;
  return {
    ...recipe,
    ...{ classes, multiLabel, freeMemory, slices },
    single: singleComponents(
      cases.map(({ labels }) => labels),
      classes.length,
    ),
    flips: [],
    source: network.model.source,
    device: network.device,
    close: () => network.close(),
    async predict(image) {
      atlas ??= learn();
      const known = await atlas;
      const descriptors = await describe(image);
      const sums = tensor([classes.length, ...descriptors.shape.slice(1)]);
      for (const one of known) {
        const { votes } = await network.run('votes', weighed, {
          image: batchOf(descriptors),
          atlas: one.descriptors,
          shares: one.shares,
        });
        for (let at = 0; at < sums.data.length; at++) sums.data[at]! += votes!.data[at]!;
      }
      return resizeLinear(probabilitiesOf(sums, multiLabel), image.shape.slice(1));
    },
  };
}

/** The grid of an image whose places are compared: cells of one extent, which may be a fraction of pixels. */
function cellsOf(size: readonly number[], axes: number): number[] {
  const cell = Math.max(CELL[axes]!, (sizeOf(size) / CELLS) ** (1 / size.length));
  return size.map((extent) => Math.max(1, Math.round(extent / cell)));
}

function batchOf({ shape, data }: Tensor): Tensor {
  return tensor([1, ...shape], data);
}

/** The slices of a volume that the atlas knows, each as an image. */
function slicesOf({ image, labels }: AtlasCase, plane: SlicePlane): AtlasCase[] {
  const [channels, ...extents] = image.shape as [number, ...number[]];
  const shape = withinSlices(plane, extents);
  const count = extents[sliceAxis(plane)]!;
  const step = Math.ceil((count * sizeOf(cellsOf(shape, extents.length))) / VOLUME);
  return Array.from({ length: Math.ceil(count / step) }, (_, at) => ({
    image: tensor([channels, ...shape], sliceOf(image.data, extents, plane, at * step)),
    labels: { ...labels, shape, data: sliceOf(labels.data, extents, plane, at * step) },
  }));
}

/** Batches of equal extents as one. */
function joined(batches: readonly Tensor[]): Tensor {
  if (batches.length === 1) return batches[0]!;
  const [, ...shape] = batches[0]!.shape;
  const result = tensor([batches.reduce((sum, { shape: [count] }) => sum + count!, 0), ...shape]);
  let first = 0;
  for (const { data } of batches) {
    result.data.set(data, first);
    first += data.length;
  }
  return result;
}

/** What is known, in batches of no more cells than an image has. */
function together(known: readonly Known[]): Known[] {
  const most = Math.max(1, Math.floor(CELLS / sizeOf(known[0]!.shares.shape.slice(2))));
  return partsOf(known.length, most).map((count, part) => {
    const group = known.slice(part * most, part * most + count);
    return {
      descriptors: joined(group.map(({ descriptors }) => descriptors)),
      shares: joined(group.map(({ shares }) => shares)),
    };
  });
}

/** `[K, ...S]`: which pixels are known, then where each class but the background is. */
function masksOf({ shape, data, sets = false }: Labels, classes: number, ignore: number): Tensor {
  const masks = tensor([classes, ...shape]);
  for (let at = 0; at < data.length; at++) masks.data[at] = data[at] === ignore ? 0 : 1;
  for (let label = 1; label < classes; label++) {
    const has = holds(label, sets);
    for (let at = 0; at < data.length; at++) {
      if (data[at] !== ignore && has(data[at]!)) masks.data[label * data.length + at] = 1;
    }
  }
  return masks;
}

/** The sum of the atlas's shares for every cell of the image, weighed by how alike the two places are. */
const weighedBy =
  (sharpness: number): NetworkBuilder =>
  (_, __, inputs) => {
    const { image, atlas, shares } = inputs as Record<'image' | 'atlas' | 'shares', (typeof inputs)[string]>;
    const [, features, ...cells] = image.shape as [number, number, ...number[]];
    const places = toRows(atlas);
    const count = places.shape[0]!;
    const values = transpose(toRows(shares), [1, 0]);
    const scaled = mul(reshape(image, [features, sizeOf(cells)]), sharpness);
    const parts = split(scaled, partsOf(sizeOf(cells), Math.max(1, Math.floor(TOGETHER / count))), 1);
    const sums = parts.map((part) => matmul(values, exp(sub(matmul(places, part), sharpness - LARGEST))));
    return { votes: reshape(concat(sums, 1), [1, shares.shape[1]!, ...cells]) };
  };

/** So many in parts of at most `most`. */
function partsOf(count: number, most: number): number[] {
  const parts = Array.from({ length: Math.floor(count / most) }, () => most);
  return count % most === 0 ? parts : [...parts, count % most];
}

/** @param sums `[K, ...cells]`: the weight of what is known, then of each class but the background */
function probabilitiesOf({ shape, data }: Tensor, multiLabel: boolean): Tensor {
  const result = tensor(shape);
  const cells = sizeOf(shape.slice(1));
  for (let cell = 0; cell < cells; cell++) {
    const all = data[cell]!;
    result.data[cell] = 1;
    if (all === 0) continue;
    for (let at = cell + cells; at < data.length; at += cells) {
      result.data[at] = data[at]! / all;
      if (!multiLabel) result.data[cell]! -= result.data[at]!;
    }
  }
  return result;
}
