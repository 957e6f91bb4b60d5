/**
 * What a labelled dataset is, whatever its layout on disk: cases with an image and a label, classes, and their
 * division.
 */

import type { PartLists, PartName } from '../splits.js';
import type { LabelFiles, LabelValues } from './labels.js';

export { type PartName, partNames } from '../splits.js';

/** One image and what is known of it. */
export interface LabelledCase {
  /** Its name, without folder and extension. */
  readonly id: string;
  readonly image: string;
  /** Whether the image is a folder with a DICOM series, and so a volume. */
  readonly series?: boolean;
  /** Segmentation: the file of the class indices, or a mask for each class. Classification: the index of the class. */
  readonly label: LabelFiles | number;
  /** The class of each value in the label file, where it does not hold class indices. */
  readonly values?: LabelValues;
  /** Cases of one patient are never divided; the id where patients are not known. */
  readonly patient: string;
}

/** Cases sorted by id; none is in two parts. */
export type Parts = Readonly<Record<PartName, readonly LabelledCase[]>>;

/** A dataset as its layout tells it. */
export interface Layout {
  readonly cases: readonly LabelledCase[];
  /** Names of the classes by index; empty where the dataset names none. */
  readonly classes: readonly string[];
  /** Whether classes may overlap: each has a mask of its own. */
  readonly multiLabel?: boolean;
  /** Ids of each part; undefined where the dataset is not divided. */
  readonly parts?: PartLists;
  /** The file that divides it, where there is one; it must then list the training cases. */
  readonly dividedBy?: string;
  /** What lies in the folder and is of no case, a sentence each. */
  readonly notes?: readonly string[];
}
