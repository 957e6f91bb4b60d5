/** Scores of a classification against labelled cases. */
import { InputError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { fitted, type LabelledCase, readCaseInput, valuesOf } from '../../data/labelled/index.js';
import {
  type BootstrapOptions,
  type ClassificationReport,
  classificationReport,
  type Predictions,
} from '../../metrics/index.js';
import type { Classifier } from './classifier.js';

export interface Classified {
  readonly predictions: Predictions;
  readonly report: ClassificationReport;
}

export interface EvaluateOptions extends BootstrapOptions {
  /** Called with the image of each case, fitted as the network takes it. */
  readonly onImage?: (id: string, image: Tensor) => Promise<void>;
  readonly onCase?: (done: number, total: number) => void;
}

/** Classifies labelled cases and scores them. @throws InputError ('data') when there is no case */
export async function evaluateClassifier(
  classifier: Classifier,
  cases: readonly LabelledCase[],
  { onCase, onImage, ...options }: EvaluateOptions = {},
): Promise<Classified> {
  if (cases.length === 0) {
    throw new InputError('data', 'expected at least one case to evaluate, found none', 'Choose another --split.');
  }
  const { classes } = classifier;
  const probabilities: number[] = [];
  for (const [index, { id, image }] of cases.entries()) {
    const input = await readCaseInput(image, classifier);
    await onImage?.(id, fitted(valuesOf(input), classifier));
    const { data } = await classifier.classify(input);
    probabilities.push(...data);
    onCase?.(index + 1, cases.length);
  }
  const truth = cases.map(({ label }) => Number(label));
  const predictions = { cases: cases.map(({ id }) => id), classes, probabilities, truth };
  return { predictions, report: classificationReport(predictions, options) };
}
