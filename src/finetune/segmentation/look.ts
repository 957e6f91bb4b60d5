/** A look at the held-out cases of a segmentation: Dice on the working grid, case by case and class by class. */

import { meanDefined } from '../../core/statistics.js';
import { removeIslands } from '../../data/labelled/islands.js';
import type { Labels } from '../../data/labelled/labels.js';
import { recipeOf } from '../../data/labelled/recipe.js';
import { regionOf } from '../../metrics/region.js';
import type { FinetuneConfig } from '../config.js';
import type { HeldOut, Predict, TaskLook } from '../task.js';
import { drawCasePictures } from './case-pictures.js';
import { decide } from './decide.js';
import { singleOf } from './islands.js';
import { seenBy } from './slices.js';
import { slidingWindow } from './sliding-window.js';

/** The score is the mean over the cases of each case's mean Dice over its classes. */
export async function lookAtSegmentation(held: HeldOut, predict: Predict, config: FinetuneConfig): Promise<TaskLook> {
  const { data } = config;
  const { window } = recipeOf(config);
  const look = seenBy(predict, data.slices);
  const { samples } = held;
  const single = singleOf(config);
  const predictions: Labels[] = [];
  const dices: (number | null)[][] = [];
  for (let index = 0; index < samples.count; index++) {
    const probabilities = await slidingWindow(samples.image(index), look, { window });
    const prediction = decide(probabilities, data.multiLabel);
    removeIslands(prediction, single);
    predictions.push(prediction);
    dices.push(classDices(prediction, samples.labels(index), data.classes.length, data.ignore));
  }
  const cases = dices.map(meanDefined);
  const values = Object.fromEntries(
    data.classes.slice(1).flatMap((name, k) => {
      const dice = meanDefined(dices.map((row) => row[k]!));
      return dice === null ? [] : [[`dice of ${name}`, dice]];
    }),
  );
  return {
    score: meanDefined(cases) ?? 0,
    values,
    draw: (run) => drawCasePictures(run, held, { predictions, cases }, data.ignore),
  };
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
