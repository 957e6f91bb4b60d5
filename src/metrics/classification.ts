/**
 * Classification metrics over the cases of a test set: one class is true for each case, and the class of the highest
 * probability is predicted. Intervals resample the cases within each true class, so that every resample has all classes
 * (as pROC does: X. Robin and others, BMC Bioinformatics 12, 2011). The definitions are in docs/metrics.md.
 */
import { InputError } from '../core/errors.js';
import { type BootstrapOptions, bootstrap, bootstrapDefaults, type Estimate } from './bootstrap.js';
import { calibrationError } from './calibration.js';
import { accuracyOf, confusionMatrix, ratesOf } from './confusion.js';
import { areaUnderRoc, rankCases } from './roc.js';

/** The metrics of one class against the rest, in the order of every table. */
export const classMetrics = ['auc', 'sensitivity', 'specificity', 'f1'] as const;
export type ClassMetric = (typeof classMetrics)[number];

export interface Predictions {
  /** The names of the N cases. */
  readonly cases: readonly string[];
  /** The names of the K classes. */
  readonly classes: readonly string[];
  /** `[N, K]`, row-major; each row sums to 1. */
  readonly probabilities: ArrayLike<number>;
  /** The true class of each case, 0 … K − 1. */
  readonly truth: ArrayLike<number>;
}

export interface ClassRow {
  readonly class: string;
  /** How many cases are of this class. */
  readonly support: number;
  readonly values: Readonly<Record<ClassMetric, Estimate>>;
}

export interface ClassificationReport {
  readonly kind: 'classification';
  readonly resamples: number;
  readonly level: number;
  readonly seed: number;
  readonly cases: number;
  readonly accuracy: Estimate;
  readonly calibrationError: Estimate;
  readonly classes: readonly ClassRow[];
  /** The means over all classes; not defined where one of them is not. */
  readonly macro: Readonly<Record<ClassMetric, Estimate>>;
  /** `[true class][predicted class]`. */
  readonly confusion: readonly (readonly number[])[];
}

/** How far a row of probabilities may sum from 1: softmax in single precision is much closer. */
const SUM_TOLERANCE = 1e-3;

/**
 * @throws InputError ('shape') where the lengths do not fit, ('data') for a probability or a class outside of its
 * range.
 * @example
 * classificationReport({ cases: ['a', 'b', 'c'], classes: ['normal', 'pneumonia'], probabilities: [0.9, 0.1, 0.4, 0.6,
 * 0.7, 0.3], truth: [0, 1, 1], }).accuracy.value; // 2 / 3
 */
export function classificationReport(predictions: Predictions, options: BootstrapOptions = {}): ClassificationReport {
  checkPredictions(predictions);
  const { cases, classes, probabilities, truth } = predictions;
  const columns = classes.map((_, column) =>
    Float64Array.from(cases, (_, row) => probabilities[row * classes.length + column]!),
  );
  const rankings = columns.map(rankCases);
  const predicted = predictedClasses(predictions);
  const confidence = Float64Array.from(predicted, (column, row) => columns[column]![row]!);
  const right = Array.from(predicted, (column, row) => column === truth[row]);

  const statistics = (counts: Uint32Array): number[] => {
    const confusion = confusionMatrix(truth, predicted, classes.length, counts);
    const rows = classes.map((_, column) => {
      const { sensitivity, specificity, f1 } = ratesOf(confusion, column);
      return [areaUnderRoc(rankings[column]!, (row) => truth[row] === column, counts), sensitivity, specificity, f1];
    });
    const macro = classMetrics.map((_, metric) => rows.reduce((sum, row) => sum + row[metric]!, 0) / classes.length);
    return [accuracyOf(confusion), calibrationError(confidence, right, counts), ...macro, ...rows.flat()];
  };
  const [accuracy, calibration, ...estimates] = bootstrap(cases.length, statistics, options, truth);
  const metricsAt = (from: number) =>
    Object.fromEntries(classMetrics.map((metric, index) => [metric, estimates[from + index]!])) as Record<
      ClassMetric,
      Estimate
    >;
  const confusion = confusionMatrix(truth, predicted, classes.length);
  return {
    kind: 'classification',
    ...bootstrapDefaults,
    ...options,
    cases: cases.length,
    accuracy: accuracy!,
    calibrationError: calibration!,
    classes: classes.map((name, index) => ({
      class: name,
      support: confusion[index]!.reduce((sum, count) => sum + count, 0),
      values: metricsAt((index + 1) * classMetrics.length),
    })),
    macro: metricsAt(0),
    confusion,
  };
}

/** The class of the highest probability of each case; the first of equal ones. */
export function predictedClasses({ cases, classes, probabilities }: Predictions): Uint32Array {
  return Uint32Array.from(cases, (_, row) => {
    let best = 0;
    for (let column = 1; column < classes.length; column++) {
      if (probabilities[row * classes.length + column]! > probabilities[row * classes.length + best]!) best = column;
    }
    return best;
  });
}

function checkPredictions({ cases, classes, probabilities, truth }: Predictions): void {
  const [n, k] = [cases.length, classes.length];
  if (n === 0 || k < 2) {
    throw new InputError(
      'data',
      `expected at least one case and two classes, found ${n} and ${k}`,
      'Give a class for each alternative: for a yes or no, two of them.',
    );
  }
  if (probabilities.length !== n * k || truth.length !== n) {
    throw new InputError(
      'shape',
      `expected ${n} × ${k} probabilities and ${n} true classes, found ${probabilities.length} and ${truth.length}`,
      'Pass the probabilities row by row, a row for each case.',
    );
  }
  cases.forEach((id, row) => {
    if (!Number.isInteger(truth[row]) || truth[row]! < 0 || truth[row]! >= k) {
      throw new InputError(
        'data',
        `${id}: expected a true class from 0 to ${k - 1}, found ${truth[row]}`,
        `The classes are ${classes.join(', ')}, in this order.`,
      );
    }
    let sum = 0;
    for (let column = 0; column < k; column++) {
      const value = probabilities[row * k + column]!;
      if (!(value >= 0 && value <= 1)) {
        throw new InputError(
          'data',
          `${id}: expected probabilities from 0 to 1, found ${value} for ${classes[column]}`,
          'Pass the output of the softmax, not the logits.',
        );
      }
      sum += value;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new InputError(
        'data',
        `${id}: expected probabilities that sum to 1, found a sum of ${sum}`,
        'Score findings that can occur together one at a time, each as two classes.',
      );
    }
  });
}
