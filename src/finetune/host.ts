/** What a fine-tuning asks of the place where it runs: a folder and threads under Node, or a page. */
import type { BatchSource } from '../data/batch.js';
import type { CaseLabels } from '../data/labelled/known-classes.js';
import type { LabelledCase, Layout } from '../data/labelled/labelled.js';
import type { SampleSet } from '../data/labelled/sample-set.js';
import type { OnWarnings } from '../data/warnings.js';
import type { TrainingHost } from '../train/host.js';
import type { FinetuneConfig } from './config.js';

/** Where the images of a run are while it goes on. */
export interface CaseReader {
  /**
   * Reads cases as the configuration fits them.
   * @throws InputError ('image') when a file cannot be read, ('data') when a label does not fit, ('memory') when they
   * are too many
   */
  read(cases: readonly LabelledCase[], onCase: () => void, onWarnings: OnWarnings): Promise<SampleSet>;
  /** Augmented samples of a set. */
  samples(set: SampleSet, cases: readonly LabelledCase[]): BatchSource;
  /** Images that did not find room in memory. */
  readonly onDisk: number;
  /** Removes what was kept beside the memory. */
  clear(): void;
}

export interface FinetuneHost extends TrainingHost {
  /** The labelled cases that a configuration names, as they lie there. @throws InputError ('data') */
  layout(config: FinetuneConfig): Promise<Layout>;
  /** The labels of a case of a segmentation, on its own pixels. */
  readonly labelsOf: CaseLabels;
  /** A window for volumes where neither a pretraining nor a setting names one, at most so long along an axis. */
  usualWindow(
    cases: readonly LabelledCase[],
    spacing: FinetuneConfig['data']['spacing'],
    longest: number,
  ): Promise<number[]>;
  /**
   * @param run the path of the run, near which images may be kept that do not find room in memory; null where all are
   * kept in memory
   */
  openCases(config: FinetuneConfig, run: string | null): CaseReader;
  /**
   * Those of the cases whose image taught the network from which a configuration begins, without its label; none where
   * nothing tells it. A page has no such method: it scores no test cases.
   */
  pretrainedOn?(config: FinetuneConfig, cases: readonly LabelledCase[]): Promise<readonly string[]>;
}
