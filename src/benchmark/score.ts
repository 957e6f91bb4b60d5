/** How good the network of a cell is: means, scores by case, the files of an evaluation, and the worst cases. */
import { join } from 'node:path';
import { meanDefined } from '../core/statistics.js';
import type { LabelledCase } from '../data/labelled/index.js';
import type { OnWarnings } from '../data/warnings.js';
import { writeClassification, writeSegmentation } from '../metrics/files.js';
import { classMetrics, type Predictions, segmentationMetrics } from '../metrics/index.js';
import { evaluateClassifier } from '../node/evaluate-classification.js';
import { evaluateSegmenter } from '../node/evaluate-segmentation.js';
import type { Classifier } from '../use/classification/classifier.js';
import type { Segmenter } from '../use/segmentation/segment.js';
import { drawWorstClassified, drawWorstSegmented, type WorstCase } from './worst-cases.js';

/** So many of the worst cases are drawn. */
const WORST = 2;

export interface Scores {
  /** Means over the cases: those of a segmentation over its classes, or of a classification over the classes. */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** The unit of distances. */
  readonly unit: 'mm' | 'px' | null;
  /** For each case the mean Dice over its classes, or the probability of the true class. */
  readonly cases: readonly { readonly id: string; readonly score: number | null }[];
  /** Of a classification. */
  readonly predictions: Predictions | null;
  readonly worst: readonly WorstCase[];
}

/** @param segmenter is closed */
export async function scoreSegmentation(
  folder: string,
  segmenter: Segmenter,
  cases: readonly LabelledCase[],
  { ignore, onWarnings }: { readonly ignore: number; readonly onWarnings: OnWarnings | undefined },
): Promise<Scores> {
  try {
    const report = await evaluateSegmenter(segmenter, cases, { ignore, onWarnings });
    writeSegmentation(join(folder, 'test'), report);
    const rows = cases.map(({ id }) => {
      const own = report.scores.filter((score) => score.case === id);
      return { id, score: meanDefined(own.map(({ dice }) => dice)) };
    });
    return {
      metrics: Object.fromEntries(segmentationMetrics.map((name) => [name, report.mean[name].value])),
      unit: report.unit,
      cases: rows,
      predictions: null,
      worst: await drawWorstSegmented(folder, segmenter, cases, lowest(rows), ignore),
    };
  } finally {
    await segmenter.close();
  }
}

/** @param classifier is closed */
export async function scoreClassification(
  folder: string,
  classifier: Classifier,
  cases: readonly LabelledCase[],
  onWarnings: OnWarnings | undefined,
): Promise<Scores> {
  try {
    const { predictions, report } = await evaluateClassifier(classifier, cases, { onWarnings });
    writeClassification(join(folder, 'test'), report, predictions);
    const { classes, probabilities, truth } = predictions;
    const rows = cases.map(({ id }, row) => ({ id, score: probabilities[row * classes.length + truth[row]!]! }));
    const means = Object.fromEntries(classMetrics.map((name) => [name, report.macro[name].value]));
    return {
      metrics: { ...means, accuracy: report.accuracy.value, calibrationError: report.calibrationError.value },
      unit: null,
      cases: rows,
      predictions,
      worst: await drawWorstClassified(folder, classifier, cases, lowest(rows)),
    };
  } finally {
    await classifier.close();
  }
}

function lowest(rows: Scores['cases']): { id: string; score: number }[] {
  const defined = rows.flatMap(({ id, score }) => (score === null ? [] : [{ id, score }]));
  return defined.sort((a, b) => a.score - b.score).slice(0, WORST);
}
