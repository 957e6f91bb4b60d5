/** What a pretraining asks of the place where it runs: a folder and threads under Node, or a page. */
import type { BatchSource } from '../data/batch.js';
import type { DataKind } from '../data/options.js';
import type { PassedOver } from '../data/passed-over.js';
import type { FileReport } from '../data/report.js';
import type { FileWarnings } from '../data/warnings.js';
import type { TrainingHost } from '../train/host.js';
import type { Config } from './config.js';
import type { ImageRecords, SampleContext } from './sample.js';

/** Decoded images or volumes of one purpose. */
export interface ImageSet extends ImageRecords {
  /** What each image is called. */
  readonly files: readonly string[];
  /** A hash of each one's decoded content. */
  readonly contents: readonly string[];
  /** The extents of each before it was fitted. */
  readonly shapes: readonly (readonly number[])[];
  /** Edges of a voxel along [z, y, x] in mm before it was fitted; `null` for images. */
  readonly spacings: readonly (readonly number[] | null)[];
}

/** The images of a run. */
export interface RunImages {
  readonly kind: DataKind;
  readonly train: ImageSet;
  /** Null where no image is held out. */
  readonly validation: ImageSet | null;
  /** The files that are not fit, with reasons. */
  readonly leftOut: readonly FileReport[];
  /** What is to be told of files in use. */
  readonly warned: readonly FileWarnings[];
  /** What lies beside the images and is none: labels, results, hidden files. */
  readonly notImages: readonly PassedOver[];
  /** What views are cut from: `views.margin` times the crop. */
  readonly imageShape: readonly number[];
  /** Samples of the method that the configuration names, of one of the two sets. */
  samples(purpose: SampleContext['purpose']): BatchSource;
  close(): void;
}

export interface PretrainHost extends TrainingHost {
  /**
   * Finds the images, leaves out what is not fit, and decodes them. A validation image whose content is also among the
   * training images is left out.
   * @throws InputError ('data') when no training image is left
   */
  openImages(config: Config, onProgress?: (done: number, total: number) => void): Promise<RunImages>;
  /**
   * The bytes of a displacement field in mm on a grid of this spacing `[z, y, x]`, as a file.
   * @param field `[3, ...S]` in voxels
   */
  encodeField(field: Float32Array, shape: readonly number[], spacing: readonly number[]): Promise<Uint8Array>;
}
