/** The cases of one part as numbers: images in [0, 1] and labels, both fitted to what the network sees. */
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Labels } from './labels.js';

/** Plain data that goes to workers: the values, or the name of what holds them as float32. */
export type KeptImage = Float32Array | string;

export interface Sample {
  /** Extents `[...S]`: those of all cases where images are resized, of at least a window where they are kept. */
  readonly shape: readonly number[];
  /** `[C, ...S]` */
  readonly image: KeptImage;
  /** Class indices or sets `[...S]`, or `[1]`. */
  readonly labels: Uint8Array;
}

/** Plain data that goes to workers. */
export interface Samples {
  readonly channels: number;
  /** Whether a label is a map, or one class for the whole image. */
  readonly perPixel: boolean;
  /** Whether a map holds sets of classes. */
  readonly sets: boolean;
  readonly cases: readonly Sample[];
}

/** The values of an image that is not in memory, by its name and their number. */
export type ReadKept = (name: string, count: number) => Float32Array;

/** Samples whose images can be had, wherever they are kept. */
export class SampleSet {
  readonly samples: Samples;
  readonly #read: ReadKept;

  constructor(samples: Samples, read: ReadKept) {
    this.samples = samples;
    this.#read = read;
  }

  get count(): number {
    return this.samples.cases.length;
  }

  /** The image of one case, `[C, ...S]`; shares memory. */
  sharedImage(index: number): Tensor {
    const { channels, cases } = this.samples;
    const { shape, image } = cases[index]!;
    const values = typeof image === 'string' ? this.#read(image, channels * sizeOf(shape)) : image;
    return tensor([channels, ...shape], values);
  }

  /** The image of one case, `[C, ...S]`; memory of its own, which the engine asks for. */
  image(index: number): Tensor {
    const { shape, data } = this.sharedImage(index);
    return tensor(shape, data.slice());
  }

  /** The label map of one case; shares memory. */
  labels(index: number): Labels {
    const { cases, sets } = this.samples;
    const { shape, labels } = cases[index]!;
    return { shape, data: labels, sets };
  }

  /** The class of one case of a classification. */
  classOf(index: number): number {
    return this.samples.cases[index]!.labels[0]!;
  }
}
