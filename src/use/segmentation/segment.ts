/**
 * Segmenting a whole image or volume: it is fitted as in the fine-tuning, seen in windows, and its probabilities go
 * back to its own grid, where the classes are decided. All of that happens in bands of planes: beside the image and its
 * labels no more than a row of windows is in memory.
 */

import { InputError } from '../../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { CaseInput } from '../../data/input.js';
import { removeIslands } from '../../data/labelled/islands.js';
import type { Labels } from '../../data/labelled/labels.js';
import { type CaseRecipe, fitted, fittedGrid, gridOf, recipeOf, valuesOf } from '../../data/labelled/recipe.js';
import { fittedExtents } from '../../data/recipe.js';
import type { Device } from '../../engine/index.js';
import { putBand } from '../../finetune/segmentation/band.js';
import { decide } from '../../finetune/segmentation/decide.js';
import { singleOf } from '../../finetune/segmentation/islands.js';
import { flipsWithin, seenBy } from '../../finetune/segmentation/slices.js';
import { slidingBands } from '../../finetune/segmentation/sliding-window.js';
import type { Predict } from '../../finetune/task.js';
import { canonicalGrid, fromCanonical, type Grid, type SlicePlane } from '../../image/index.js';
import type { FinetunedModel } from '../finetuned-model.js';
import { checkFree } from '../memory.js';
import { createNetwork, type NetworkHost } from '../network.js';
import { type OnnxFile, openOnnxNetwork } from '../onnx-network.js';
import { placedOn } from './placed.js';

/** A network that gives probabilities of windows, wherever it comes from: a run, a file of weights, an ONNX file. */
export interface Segmenter extends CaseRecipe {
  readonly classes: readonly string[];
  /** Whether classes overlap: labels are sets of them. */
  readonly multiLabel: boolean;
  /** Indices of the classes that are in one piece wherever they are labelled: masks of them lose their islands. */
  readonly single: readonly number[];
  /** Volumes slice by slice, by a network of two axes; `null` for images and whole volumes. */
  readonly slices: SlicePlane | null;
  /** Axes of a window along which the training mirrored images. */
  readonly flips: readonly number[];
  /** Where it was read from. */
  readonly source: string;
  readonly device: Device;
  /** Of a window as the network takes it; of a slice `[C, rows, columns]`. */
  readonly predict: Predict;
  /** Bytes that can be allocated now; unknown where absent. */
  readonly freeMemory: (() => number) | undefined;
  /** Ends the engine. An open segmenter may keep the process alive. */
  close(): Promise<void>;
}

export interface SegmentOptions {
  /** The share of a window that the next one covers again; 0.5 by default. */
  readonly overlap?: number;
  /** Mean over mirrored copies, along the axes that the training mirrored. */
  readonly flips?: boolean;
  /** Keep the islands of the segmenter's `single` classes: pieces smaller than half of the largest one. */
  readonly keepIslands?: boolean;
  /** Keep the probabilities, 4 bytes for each class and pixel. */
  readonly probabilities?: boolean;
  /** Called as planes (of an image: rows) are decided. */
  readonly onPlanes?: (done: number, total: number) => void;
}

export interface Segmentation {
  /** On the image's own pixels, or on the grid of the volume's file. */
  readonly labels: Labels;
  /** `[K, ...S]` there, too, where they were asked for. */
  readonly probabilities?: Tensor;
}

/**
 * A fine-tuned network on an engine of its own.
 * @throws InputError ('config') for a network of another task
 */
export async function createSegmenter(model: FinetunedModel, host: NetworkHost): Promise<Segmenter> {
  const { config, classes, task, source } = model;
  if (config.task !== 'segmentation') {
    throw new InputError('config', `${source}: expected a network for segmentation, found one for ${config.task}`);
  }
  const network = await createNetwork(model, host);
  return {
    ...recipeOf(config),
    slices: config.data.slices,
    classes,
    multiLabel: config.data.multiLabel,
    single: singleOf(config),
    flips: flipsWithin(config.views.flips, config.data.slices),
    source,
    device: network.device,
    freeMemory: host.freeMemory,
    close: () => network.close(),
    async predict({ shape, data }) {
      const { probabilities } = await network.run(
        'probabilities',
        (_, parameters, { image }) => ({ probabilities: task.probabilities(parameters, image!) }),
        { image: tensor([1, ...shape], data) },
      );
      return tensor(probabilities!.shape.slice(1), probabilities!.data);
    },
  };
}

/**
 * The same from a file of `cover export`.
 * @throws InputError ('file') when it is no ONNX model, ('checkpoint') when it is no segmentation network of `cover
 * export`
 */
export async function createOnnxSegmenter(file: OnnxFile, host: NetworkHost): Promise<Segmenter> {
  const { config, device, close, run } = await openOnnxNetwork(file, 'segmentation', host);
  const { classes, multiLabel } = config.data;
  return {
    ...recipeOf(config),
    slices: config.data.slices,
    classes,
    multiLabel,
    single: singleOf(config),
    flips: flipsWithin(config.views.flips, config.data.slices),
    source: file.source,
    device,
    close,
    freeMemory: host.freeMemory,
    predict: run,
  };
}

/**
 * @param input an image `[C, H, W]` in [0, 1] with the channels of the network, or a volume with its grids
 * (`readCaseInput`)
 * @throws InputError ('config') when `flips` is asked of a network that was trained without, ('shape') for other
 * channels
 * @example
 * const segmenter = await openSegmenter(loadFinetuned('runs/lungs'));
 * const { labels } = await segment(segmenter, await readCaseInput('scan.nii.gz', segmenter)); // on the file's grid
 */
export async function segment(
  segmenter: Segmenter,
  input: CaseInput,
  { overlap = 0.5, flips = false, keepIslands = false, probabilities = false, onPlanes }: SegmentOptions = {},
): Promise<Segmentation> {
  const { channels, window } = segmenter;
  const image = valuesOf(input);
  if (image.shape[0] !== channels || image.shape.length !== window.length + 1) {
    throw new InputError(
      'shape',
      `expected an image of ${channels} channels and ${window.length} axes, found [${image.shape.join(', ')}]`,
    );
  }
  if (flips && segmenter.flips.length === 0) {
    throw new InputError(
      'config',
      `${segmenter.source}: expected a network that was trained with mirrored images, found one that was not`,
      'Leave out --flips, or train with --set views.flips=[1] (left and right).',
    );
  }
  const target = 'image' in input ? canonicalGrid(input.file) : planeGrid(image.shape.slice(1));
  const source = fittedGrid(gridOf(input) ?? target, segmenter);
  const extents = target.shape.slice(0, window.length);
  const plane = sizeOf(extents.slice(1));
  checkRoom(segmenter, input, extents, probabilities);
  const data = new Uint8Array(sizeOf(extents));
  let kept: Tensor | undefined;
  const seen = slidingBands(fitted(image, segmenter), seenBy(segmenter.predict, segmenter.slices), {
    window,
    overlap,
    flips: flips ? segmenter.flips : [],
  });
  for await (const { start, values } of placedOn(seen, source, target)) {
    data.set(decide(values, segmenter.multiLabel).data, start * plane);
    onPlanes?.(start + values.shape[1]!, extents[0]!);
    if (!probabilities) continue;
    kept ??= tensor([values.shape[0]!, ...extents]);
    putBand(kept, { start, values });
  }
  const labels = { shape: extents, data, ...(segmenter.multiLabel ? { sets: true } : {}) };
  if (!keepIslands) removeIslands(labels, segmenter.single);
  if (!('image' in input)) return { labels, ...(kept ? { probabilities: kept } : {}) };
  const { file } = input;
  const turned = kept && tensor([kept.shape[0]!, ...file.shape], fromCanonical(kept.data, file));
  return {
    labels: { ...labels, shape: file.shape, data: fromCanonical(data, file), grid: file },
    ...(turned ? { probabilities: turned } : {}),
  };
}

/** Beside what the network takes: the fitted image, its labels, and the probabilities where they are kept. */
function checkRoom(
  { freeMemory, classes, channels, fit, size, window }: Segmenter,
  input: CaseInput,
  extents: readonly number[],
  probabilities: boolean,
): void {
  if (!freeMemory) return;
  const count = sizeOf(extents);
  const own = valuesOf(input).shape.slice(1);
  const image = 4 * channels * sizeOf(fittedExtents(own, fit === 'resize' ? size : window, fit));
  // Of a volume labels and probabilities are also turned to the axes of its file.
  const copies = 'image' in input ? 2 : 1;
  const kept = probabilities ? 4 * classes.length * count * copies : 0;
  checkFree(
    `${extents.join(' × ')} ${extents.length === 3 ? 'voxels' : 'pixels'}${probabilities ? ` with the probabilities of ${classes.length} classes` : ''}`,
    image + copies * count + kept,
    freeMemory(),
    probabilities ? 'Leave out --probabilities: labels alone need little.' : 'Close other programs, or cut the volume.',
  );
}

/** An image as a grid of which every row is a plane. */
function planeGrid([height, width]: readonly number[]): Grid {
  return { shape: [height!, width!, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
}
