/** What the page of trainings offers to the test outside of it, as the global `training`. */
export interface TrainingPage {
  /** Fetches files and puts them into the private file system. */
  putFiles(files: Readonly<Record<string, string>>): Promise<void>;
  /** Unpacks an archive of a run, which is fetched. */
  putRun(run: string, archive: string): Promise<void>;
  /** The archive of a run, base64. */
  packRun(run: string): Promise<string>;
  /** Begins a pretraining, or continues one where no settings are given. */
  pretrain(run: string, settings: readonly string[] | null, options?: TrainInPage): Promise<TrainingOutcome>;
  /** The same of a fine-tuning. */
  finetune(run: string, settings: readonly string[] | null, options?: TrainInPage): Promise<TrainingOutcome>;
  /** Uses the networks of two runs on an image of the private file system. */
  use(runs: { readonly backbone: string; readonly segmenter: string }, file: string): Promise<UseFindings>;
}

export interface TrainInPage {
  /** The step after which it is stopped. */
  readonly stopAfter?: number;
  /** The step at which a handler throws. */
  readonly throwAt?: number;
  readonly images?: string;
}

export interface TrainingOutcome {
  readonly step: number;
  readonly finished: boolean;
  readonly losses: readonly number[];
  /** Values of the criterion, the first before the first step. */
  readonly looks: readonly number[];
  /** None where the training failed. */
  readonly files: readonly string[];
  /** Milliseconds from the first step to the last. */
  readonly trained: number;
  readonly error?: string;
}

export interface UseFindings {
  /** Of the full resolution, float32 in base64. */
  readonly features: string;
  /** Class indices in base64. */
  readonly labels: string;
  /** Where the middle of the image lies in the image itself. */
  readonly match: { readonly x: number; readonly y: number; readonly similarity: number };
  /** Milliseconds of a second segmentation. */
  readonly segmented: number;
}
