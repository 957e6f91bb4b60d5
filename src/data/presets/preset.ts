/** What a named dataset is: where its files lie after its download, its classes, and how it is scored. */

import type { PartName } from '../labelled/labelled.js';
import type { LabelValues } from '../labelled/labels.js';
import type { Task } from '../labelled/task.js';

/**
 * Files of a part by their paths within the folder. `{id}` stands for the name of the case and `{name}` for any other
 * text within one name of a folder or file; both are the same in the path of the label.
 */
export interface PresetPart {
  /** Absent where the dataset is not divided; its parts are then drawn or listed in `splits.json`. */
  readonly part?: PartName;
  readonly images: string;
  readonly label: string | PresetClass | PresetTable;
}

/** All images of this part are of one class. */
export interface PresetClass {
  readonly class: number;
}

/** The class of each case in a CSV file with a header. */
export interface PresetTable {
  readonly table: string;
  /** Columns of the case and of its class. */
  readonly id: string;
  readonly class: string;
}

export interface DatasetPreset {
  readonly title: string;
  readonly task: Task;
  readonly dims: 2 | 3;
  /** Names by index. */
  readonly classes: readonly string[];
  readonly parts: readonly PresetPart[];
  /** Cases that the whole dataset has; undefined where that depends on how it was made. */
  readonly cases?: number;
  /** The class of each stored value, where labels are not class indices. */
  readonly values?: LabelValues;
  /** A regular expression whose first group is the patient of a case. */
  readonly patients?: string;
  /** What is reported, the main metric first. */
  readonly metrics: readonly string[];
  /** Where it is to be had. */
  readonly page: string;
  /** How the folder comes to be. */
  readonly preparation: string;
  /** Settings of fine-tuning that suit it; those of a plan or a command win. */
  readonly settings: Readonly<Record<string, unknown>>;
}
