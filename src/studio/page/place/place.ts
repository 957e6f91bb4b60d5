/**
 * Where the work of the page is done. Rooms ask a place and know nothing else of it; there are two, this computer
 * through the studio's server (`server.ts`), and the page itself (`page/`), which needs no server. Runs, projects,
 * folders and images are named by text that the place itself understands.
 *
 * Everything is asked for and answered in plain values, so that a place may live in a worker.
 */

import type { Split } from '../../../finetune/cases';
import type { Answer } from '../../answers/answer';
import type { ColourFacts } from '../../answers/colours';
import type { FeatureFacts } from '../../answers/features';
import type { PictureFacts } from '../../answers/picture';
import type { ProjectChange } from '../../answers/project';
import type { RegistrationFacts } from '../../answers/registration';
import type { SampleFacts } from '../../answers/sample';
import type { FrameArray } from '../../shared/frame';
import type {
  Findings,
  FolderListing,
  Forecast,
  PredictionProgress,
  Project,
  ProjectSummary,
  Results,
  RunCurves,
  RunNews,
  RunSettings,
  RunSummary,
  VolumeMask,
} from '../../shared/protocol';

/** What a place has and can do, beyond what every place can. */
export interface PlaceFacts {
  /** Where runs lie, as a person would say it. */
  readonly runs: string;
  /** Whether there are images to choose from, or images can be added. */
  readonly images: boolean;
  readonly cores: number;
  /** Bytes that a training may take. */
  readonly freeMemory: number;
  readonly presets: readonly string[];
  /** Whether a training goes on when the page is closed. */
  readonly outlivesPage: boolean;
  /** Whether files can be added to it, runs and networks be taken out, and runs be removed. */
  readonly ownsFiles: boolean;
}

/** An image or a volume. */
export interface Picture extends PictureFacts {
  /** `[C, ...S]` */
  readonly values: FrameArray;
}

export interface PretrainWish {
  readonly folder: string;
  readonly name: string;
  readonly preset: string;
  readonly steps: number;
  /** The run whose weights it begins with; empty for random ones. */
  readonly from: string;
  /** `section.key=value` */
  readonly settings: readonly string[];
}

export interface ProjectWish {
  readonly name: string;
  readonly folder: string;
  /** Of all classes, the background first. */
  readonly classes: readonly string[];
  /** The run that training begins with, or `scratch`. */
  readonly from: string;
}

export interface TrainWish {
  readonly steps: number;
  /** Whether labels that were transferred are trained on, too. */
  readonly transferred: boolean;
  /** `section.key=value` */
  readonly settings: readonly string[];
}

export interface PredictWish {
  /** The newest training of the project, which predicts; empty where there is none. */
  readonly run: string;
  /** How far it is, which is kept with the predictions. */
  readonly step: number;
  /** Lays what is drawn over all cases by the pretrained network of the project instead, without a training. */
  readonly atlas: boolean;
}

/** Masks of all cases: in a folder beside the runs, or packed, to be kept. */
export type ExportedMasks = { readonly folder: string } | { readonly archive: Uint8Array<ArrayBuffer> };

/** A file that is added to the images of a place. */
export interface AddedFile {
  /** Perhaps with the folders that it lies in, with `/` between them. */
  readonly name: string;
  readonly content: Blob;
}

/** What came of files that were added. */
export interface Added {
  /** Images and volumes. */
  readonly images: number;
  /** A sentence for each file that was not taken, or not as it is. */
  readonly notes: readonly string[];
}

/** What goes wrong comes back as an `Error` with the sentence that the page shows. */
export interface PlaceCalls {
  facts(): Promise<PlaceFacts>;

  runs(): Promise<readonly RunSummary[]>;
  curves(run: string): Promise<RunCurves>;
  /** Every setting by its dotted key. */
  settings(run: string): Promise<RunSettings>;
  /** What a training printed; empty where nothing is kept. */
  log(run: string): Promise<string>;
  /** Names of the pictures of validation samples. */
  pictures(run: string): Promise<readonly string[]>;
  /** A PNG. */
  picture(run: string, name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends a training with a checkpoint. */
  stop(run: string): Promise<void>;
  resume(run: string): Promise<void>;
  extend(run: string, steps: number): Promise<void>;
  /** Begins a pretraining and gives its run. */
  pretrain(wish: PretrainWish): Promise<string>;
  doctor(folder: string): Promise<Findings>;
  forecast(wish: PretrainWish): Promise<Forecast>;

  /** @param path `.` for the top */
  folder(path: string): Promise<FolderListing>;
  image(path: string): Promise<Picture>;
  /** The file of an image or a volume as it is; of a series all its files, below its name. */
  filesOf(path: string): Promise<readonly AddedFile[]>;

  projects(): Promise<readonly ProjectSummary[]>;
  project(name: string): Promise<Project>;
  newProject(wish: ProjectWish): Promise<Project>;
  changeProject(name: string, change: ProjectChange): Promise<Project>;
  /** Holds a case out of training, or lets it in again. */
  hold(name: string, id: string, held: boolean): Promise<Project>;
  /** The classes of a case's pixels, 255 where nobody painted; null where nothing is drawn. Volumes lie in RAS. */
  drawn(name: string, id: string): Promise<Uint8Array | null>;
  /**
   * Keeps what is drawn; says whether the case counts as labelled.
   * @param labels as `drawn` gives them, or 254 where a pixel stays as it is: others may draw in the same case
   */
  saveDrawn(name: string, id: string, labels: Uint8Array<ArrayBuffer>): Promise<boolean>;
  /** A mask as the bytes of a gray PNG of class numbers; of a volume NIfTI, NRRD or MetaImage in one file. */
  importMask(name: string, id: string, mask: Uint8Array<ArrayBuffer>): Promise<void>;
  /** @param format of masks of volumes; those of images are PNG */
  exportMasks(name: string, format: VolumeMask): Promise<ExportedMasks>;
  /** Begins to train on what is labelled; gives the run. */
  train(name: string, wish: TrainWish): Promise<string>;
  /** Begins to predict all cases. */
  predict(name: string, wish: PredictWish): Promise<void>;
  /** The predictions that go on, or the last ones since the place began; null where there are none. */
  progress(): Promise<PredictionProgress | null>;
  /** The newest training when all cases were predicted last, and how far it was; null where they never were. */
  predictedBy(name: string): Promise<Omit<PredictWish, 'atlas'> | null>;
  /** `labels` and `certainty`, a byte a pixel; null where the case is not predicted. */
  prediction(name: string, id: string): Promise<{ labels: Uint8Array; certainty: Uint8Array } | null>;
  /**
   * How far every case lies from the nearest labelled one, by the features of the project's network; from the mean of
   * all cases where none is labelled.
   */
  distances(name: string): Promise<Readonly<Record<string, number>>>;

  features(run: string, image: string): Promise<Answer<FeatureFacts>>;
  colours(run: string, a: string, b: string): Promise<Answer<ColourFacts>>;
  registration(run: string, a: string, b: string): Promise<Answer<RegistrationFacts>>;
  sample(run: string, index: number): Promise<Answer<SampleFacts>>;

  results(run: string, split: Split): Promise<Results>;
  /** Of a case of the results that were asked for last: `prediction` and `truth`, a byte a pixel. */
  resultMaps(run: string, id: string): Promise<{ prediction: Uint8Array; truth: Uint8Array }>;

  /**
   * Adds images and volumes to a folder of the place, which it makes where there is none. DICOM files that make a
   * volume are to come together.
   * @param slices takes axial slices of volumes as images
   */
  addImages(folder: string, files: readonly AddedFile[], slices?: boolean): Promise<Added>;
  /** A run as one file, which `importRun` takes, here or anywhere. */
  exportRun(run: string): Promise<Uint8Array<ArrayBuffer>>;
  importRun(name: string, archive: Uint8Array<ArrayBuffer>): Promise<void>;
  removeRun(run: string): Promise<void>;
  /** Removes a project with all that was drawn in it; its images and its runs stay. */
  removeProject(name: string): Promise<void>;
  /** Removes the images of a folder of the place. */
  removeImages(folder: string): Promise<void>;
  /** The network of a fine-tuning as an ONNX file. */
  exportOnnx(run: string): Promise<Uint8Array<ArrayBuffer>>;
}

export type PlaceName = 'computer' | 'page';

export interface Place extends PlaceCalls {
  readonly name: PlaceName;
  /** What the page calls it. */
  readonly title: string;
  /**
   * Tells of new points of curves, and of every change of the list of runs, until what is returned is called.
   * @param offsets where the curves of each run were read to
   */
  watch(offsets: ReadonlyMap<string, number>, listener: RunListener): () => void;
}

export interface RunListener {
  onRuns(runs: readonly RunSummary[]): void;
  /** New points of a run. */
  onNews(news: RunNews): void;
  /** All points of a run, where some are new. */
  onCurves(curves: RunCurves): void;
  /** The place does not answer any more: what is watched has to be read again. */
  onLost(): void;
}
