/**
 * What the page and the server say to each other: plain records, without Node and without the page. Requests that
 * change something have a schema of their own (`requests.ts`), because the server must not trust them.
 */

import type { Split } from '../../finetune/cases.js';

/** What is known of a run without reading all of it. */
export interface RunSummary {
  /** The path of its folder below the folder of all runs; `.` for that folder itself. */
  readonly id: string;
  readonly kind: 'pretraining' | 'fine-tuning' | 'unknown';
  readonly state: RunState;
  /** What is wrong, of a run that failed or is broken; else empty. */
  readonly message: string;
  /** The method of a pretraining, or the task of a fine-tuning. */
  readonly method: string;
  /** The folder of images. */
  readonly source: string;
  /** The network that a fine-tuning began with; else empty. */
  readonly from: string;
  /** How many extents the views of a pretraining have: 2 for images, 3 for volumes; null where it is not known. */
  readonly nd: number | null;
  /** Whether the views of a pretraining are slices of volumes. */
  readonly slices: boolean;
  readonly step: number;
  /** The last step of the schedule; 0 where it is not known. */
  readonly steps: number;
  /** Seconds of the last step that was written down. */
  readonly secondsPerStep: number | null;
  /** The last look at the validation samples. */
  readonly look: { readonly step: number; readonly name: string; readonly value: number } | null;
  /** Milliseconds since 1970 at which the run was last written to. */
  readonly changed: number;
  /** Whether the studio started its process, and can stop it. */
  readonly ours: boolean;
}

export const runStates = ['running', 'finished', 'stopped', 'failed', 'broken'] as const;
export type RunState = (typeof runStates)[number];

/** One curve: values at steps, thinned out where there are many so that its peaks stay. */
export interface Series {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** The curves of a run. Keys are `train.loss` or `validation.endpointError`: the kind of the record and its key. */
export interface RunCurves {
  readonly id: string;
  readonly series: Readonly<Record<string, Series>>;
  /** Bytes of the metrics that were read: where news begin. */
  readonly offset: number;
  /** Lines that could not be read. */
  readonly unreadable: number;
}

/** News of a run, as a server-sent event. */
export interface RunNews {
  readonly id: string;
  readonly offset: number;
  /** New values of every curve, in order. */
  readonly series: Readonly<Record<string, Series>>;
  /** The metrics were cut (a run that was resumed): what was read before is to be read again. */
  readonly reset: boolean;
}

/** What the server is, for the page's first paint. */
export interface StudioFacts {
  /** Names of the folders that are served. */
  readonly runs: string;
  readonly data: string | null;
  readonly cores: number;
  readonly freeMemory: number;
  readonly presets: readonly string[];
}

export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'folder' | 'image' | 'volume';
  /** A folder that holds DICOM files, and may be a volume. */
  readonly series?: boolean;
}

export interface FolderListing {
  readonly path: string;
  readonly entries: readonly FolderEntry[];
  /** Entries beyond those that are listed. */
  readonly more: number;
}

/** A labelling project: images of a folder, classes, and the labels that are drawn. */
export interface ProjectSummary {
  readonly name: string;
  readonly folder: string;
  readonly classes: readonly string[];
  readonly labelled: number;
  readonly cases: number;
}

export interface Project extends ProjectSummary {
  /** The network that training begins with: the id of a run, or `scratch`. */
  readonly from: string;
  /** Pixels that nobody painted are background; else they belong to no class. */
  readonly restIsBackground: boolean;
  readonly caseList: readonly ProjectCase[];
  /** How many cases that nobody drew in have labels that were transferred to them. */
  readonly transferred: number;
  /** The runs that were trained for the project, the newest first. */
  readonly runs: readonly string[];
}

export interface ProjectCase {
  readonly id: string;
  /** The path of the image below the folder of the data. */
  readonly path: string;
  readonly volume: boolean;
  readonly labelled: boolean;
  /** Kept out of training, to measure on. */
  readonly held: boolean;
  /** The mean uncertainty of the newest prediction, 0 to 1; null where there is none. */
  readonly uncertainty: number | null;
  /** Dice of the prediction with the drawn label, the mean over its classes; null where either is missing. */
  readonly dice: number | null;
}

/** The endings of masks of volumes by their formats; those of images are PNG. */
export const VOLUME_MASKS = { nifti: '.nii.gz', nrrd: '.nrrd' } as const;
export type VolumeMask = keyof typeof VOLUME_MASKS;

/** A finding of `doctor` about one file. */
export interface Finding {
  readonly file: string;
  readonly state: string;
  readonly reason: string;
}

export interface Findings {
  readonly text: string;
  readonly usable: number;
  readonly files: number;
  readonly bad: readonly Finding[];
}

export interface Forecast {
  /** Bytes at the peak, and bytes that are free. */
  readonly needed: number;
  readonly free: number;
  /** Seconds for all steps, from runs of the same network on this computer; null where there is none. */
  readonly seconds: number | null;
  /** The run that the time was taken from. */
  readonly like: string;
}

/** The settings of a run. */
export interface RunSettings {
  /** By their dotted keys, as text. */
  readonly settings: Readonly<Record<string, string>>;
  /** Why they cannot be read; else empty. */
  readonly problem: string;
}

/** How far the predictions of a project are. */
export interface PredictionProgress {
  readonly project: string;
  /** The newest training of the project, which predicts; empty where there is none. */
  readonly run: string;
  /** How far it was. */
  readonly step: number;
  /** The pretraining that carries what is drawn to all cases, in the place of the training; else empty. */
  readonly atlas: string;
  readonly done: number;
  readonly total: number;
  /** Why it ended early; else empty. */
  readonly error: string;
}

export interface ResultCase {
  readonly id: string;
  /** The image, as a place names it. */
  readonly path: string;
  /** Dice of every class but the background; null where it is in neither map. */
  readonly dices: readonly (number | null)[];
  /** The mean of those that are defined. */
  readonly dice: number | null;
}

/** Scores of the cases of a fine-tuned network, as far as they are there. */
export interface Results {
  readonly run: string;
  readonly split: Split;
  readonly classes: readonly string[];
  readonly cases: readonly ResultCase[];
  readonly total: number;
  /** Cases whose image the studio was not given. */
  readonly outside: number;
  /** Classes whose masks lose small pieces apart. */
  readonly single: readonly string[];
  readonly error: string;
}

/** Before the first case. */
export function noResults(run: string, split: Split): Results {
  return { run, split, classes: [], cases: [], total: 0, outside: 0, single: [], error: '' };
}

/** An error as the server sends it. */
export interface Problem {
  readonly error: string;
}
