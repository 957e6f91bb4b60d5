/** A look at the validation cases of a segmentation: Dice on the working grid, case by case and class by class. */

import { imageOf, type Labels, labelsOf, type Samples } from '../../data/labelled/index.js';
import { regionOf } from '../../metrics/region.js';
import type { FinetuneConfig } from '../config.js';
import type { Look } from '../validation.js';
import { decide } from './decide.js';
import { type Predict, slidingWindow } from './sliding-window.js';

export interface SegmentationLook extends Look {
  readonly predictions: readonly Labels[];
  /** The mean Dice of each case; null where no class but the background is in either map. */
  readonly cases: readonly (number | null)[];
}

/** The score is the mean over the cases of each case's mean Dice over its classes. */
export async function validateSegmentation(
  samples: Samples,
  count: number,
  predict: Predict,
  { data, views }: FinetuneConfig,
): Promise<SegmentationLook> {
  const predictions: Labels[] = [];
  const dices: (number | null)[][] = [];
  for (let index = 0; index < count; index++) {
    const probabilities = await slidingWindow(imageOf(samples, index), predict, { window: views.crop });
    const prediction = decide(probabilities, data.multiLabel);
    predictions.push(prediction);
    dices.push(classDices(prediction, labelsOf(samples, index), data.classes.length, data.ignore));
  }
  const cases = dices.map(meanDefined);
  const values = Object.fromEntries(
    data.classes.slice(1).map((name, k) => [`dice of ${name}`, meanDefined(dices.map((row) => row[k]!)) ?? 0]),
  );
  return { score: meanDefined(cases) ?? 0, values, predictions, cases };
}

/** Dice of every class but the background; null where it is in neither map. */
export function classDices(prediction: Labels, truth: Labels, classes: number, ignore: number): (number | null)[] {
  const spacing = truth.shape.map(() => 1);
  const [a, b] = [prediction, truth].map((labels) => ({ ...labels, spacing }));
  return Array.from({ length: classes - 1 }, (_, index) => {
    const { predicted, reference, shared } = regionOf(a!, b!, index + 1, ignore);
    return predicted + reference > 0 ? (2 * shared) / (predicted + reference) : null;
  });
}

function meanDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length > 0 ? defined.reduce((sum, value) => sum + value, 0) / defined.length : null;
}
