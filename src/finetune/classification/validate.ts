/** A look at the validation cases of a classification: the mean AUC over the classes, and the accuracy. */
import { imageOf, type Samples } from '../../data/labelled/index.js';
import { areaUnderRoc, rankCases } from '../../metrics/roc.js';
import type { Predict } from '../segmentation/sliding-window.js';
import type { Look } from '../validation.js';

/** @param predict probabilities `[K]` of an image */
export async function validateClassification(
  samples: Samples,
  count: number,
  predict: Predict,
  classes: readonly string[],
): Promise<Look> {
  const rows: Float32Array[] = [];
  for (let index = 0; index < count; index++) rows.push((await predict(imageOf(samples, index))).data);
  const areas = classes.map((_, k) =>
    areaUnderRoc(rankCases(rows.map((row) => row[k]!)), (index) => samples.cases[index].labels[0] === k),
  );
  const defined = areas.filter((area) => !Number.isNaN(area));
  const right = rows.filter((row, index) => row.indexOf(Math.max(...row)) === samples.cases[index].labels[0]).length;
  return {
    score: defined.length ? defined.reduce((sum, area) => sum + area, 0) / defined.length : 0,
    values: {
      accuracy: right / Math.max(1, count),
      ...Object.fromEntries(areas.flatMap((area, k) => (Number.isNaN(area) ? [] : [[`AUC of ${classes[k]}`, area]]))),
    },
  };
}
