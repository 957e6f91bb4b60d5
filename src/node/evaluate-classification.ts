/** Scores of a classification against labelled cases. */

import { ahead } from '../core/ahead.js';
import type { Tensor } from '../core/tensor.js';
import { fitted, type LabelledCase, readCaseInput, valuesOf } from '../data/labelled/index.js';
import type { OnWarnings } from '../data/warnings.js';
import {
  type BootstrapOptions,
  type ClassificationReport,
  classificationReport,
  type Predictions,
} from '../metrics/index.js';
import type { Classifier } from '../use/classification/classifier.js';
import { checkScored, checkSome } from './scored-cases.js';

export interface Classified {
  readonly predictions: Predictions;
  readonly report: ClassificationReport;
}

export interface EvaluateOptions extends BootstrapOptions {
  /** Told what the readers of images had to assume. */
  readonly onWarnings?: OnWarnings | undefined;
  /** Called with the image of each case, fitted as the network takes it. */
  readonly onImage?: (id: string, image: Tensor) => Promise<void>;
  readonly onCase?: (done: number, total: number) => void;
  /**
   * What to do with a case that cannot be read; it is left out, unless this throws. Where absent the error is thrown.
   */
  readonly onFailure?: (file: string, error: unknown) => void;
}

/** Classifies labelled cases and scores them. @throws InputError ('data') when there is no case */
export async function evaluateClassifier(
  classifier: Classifier,
  cases: readonly LabelledCase[],
  { onCase, onImage, onFailure, onWarnings, ...options }: EvaluateOptions = {},
): Promise<Classified> {
  checkSome(cases);
  const { classes } = classifier;
  const probabilities: number[] = [];
  const seen: LabelledCase[] = [];
  const look = async ({ image }: LabelledCase) => {
    const input = await readCaseInput(image, classifier, onWarnings);
    return { input, found: await classifier.classify(input) };
  };
  let done = 0;
  for (const [one, looking] of ahead(cases, look, classifier.atOnce)) {
    try {
      const { input, found } = await looking;
      await onImage?.(one.id, fitted(valuesOf(input), classifier));
      probabilities.push(...found.data);
      seen.push(one);
    } catch (error) {
      if (!onFailure) throw error;
      onFailure(one.image, error);
    }
    onCase?.(++done, cases.length);
  }
  checkScored(seen, cases);
  const truth = seen.map(({ label }) => Number(label));
  const predictions = { cases: seen.map(({ id }) => id), classes, probabilities, truth };
  return { predictions, report: classificationReport(predictions, options) };
}
