/**
 * Segmenting a whole image: it is resized to the extents of the fine-tuning, seen in windows, and its probabilities go back to
 * the image's own grid, where the classes are decided.
 */
import { openNetwork } from '../../analysis/index.js';
import { InputError } from '../../core/errors.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import type { Device, DeviceChoice } from '../../engine/index.js';
import { resizeLinear } from '../../image/index.js';
import type { Labels } from '../data/index.js';
import type { FinetunedModel } from '../model.js';
import { argmax } from './argmax.js';
import { type Predict, slidingWindow } from './sliding-window.js';

/** A network that gives probabilities of windows, wherever it comes from: a run, a file of weights, an ONNX file. */
export interface Segmenter {
  readonly classes: readonly string[];
  /** Channels of the image. */
  readonly channels: 1 | 3;
  /** Extents that images are resized to. */
  readonly size: readonly number[];
  /** Extents of a window. */
  readonly window: readonly number[];
  /** Axes along which the training mirrored images. */
  readonly flips: readonly number[];
  /** Where it was read from. */
  readonly source: string;
  readonly device: Device;
  readonly predict: Predict;
  /** Ends the engine. An open segmenter may keep the process alive. */
  close(): Promise<void>;
}

export interface SegmenterOptions {
  readonly device?: DeviceChoice;
  /** Threads within an operator; 0 is one per core. */
  readonly threads?: number;
}

export interface SegmentOptions {
  /** The share of a window that the next one covers again; 0.5 by default. */
  readonly overlap?: number;
  /** Mean over mirrored copies, along the axes that the training mirrored. */
  readonly flips?: boolean;
}

export interface Segmentation {
  /** On the image's own pixels. */
  readonly labels: Labels;
  /** `[K, ...S]` on the image's own pixels. */
  readonly probabilities: Tensor;
}

/**
 * Starts an engine with a fine-tuned network.
 * @throws InputError ('config') for a network of another task
 */
export async function openSegmenter(model: FinetunedModel, options: SegmenterOptions = {}): Promise<Segmenter> {
  const { config, classes, task, source } = model;
  if (config.task !== 'segmentation') {
    throw new InputError('config', `${source}: expected a network for segmentation, found one for ${config.task}`);
  }
  const network = await openNetwork(model, options);
  return {
    classes,
    channels: config.data.channels,
    size: config.data.size,
    window: config.views.crop,
    flips: config.views.flips,
    source,
    device: network.device,
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
 * @param image `[C, ...S]` in [0, 1], with the channels of the network
 * @throws InputError ('config') when `flips` is asked of a network that was trained without, ('shape') for other channels
 * @example
 * const segmenter = await openSegmenter(loadFinetuned('runs/lungs'));
 * const { labels } = await segment(segmenter, image); // labels.data[row * width + column] is a class
 */
export async function segment(
  segmenter: Segmenter,
  image: Tensor,
  { overlap = 0.5, flips = false }: SegmentOptions = {},
): Promise<Segmentation> {
  const { channels, size, window } = segmenter;
  if (image.shape[0] !== channels || image.shape.length !== size.length + 1) {
    throw new InputError(
      'shape',
      `expected an image of ${channels} channels and ${size.length} axes, found [${image.shape.join(', ')}]`,
    );
  }
  if (flips && segmenter.flips.length === 0) {
    throw new InputError(
      'config',
      `${segmenter.source}: expected a network that was trained with mirrored images, found one that was not`,
      'Leave out --flips, or train with --set views.flips=[1] (left and right).',
    );
  }
  const seen = await slidingWindow(resizeLinear(image, size), segmenter.predict, {
    window,
    overlap,
    flips: flips ? segmenter.flips : [],
  });
  const probabilities = resizeLinear(seen, image.shape.slice(1));
  return { labels: argmax(probabilities), probabilities };
}
