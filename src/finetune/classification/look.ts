/** A look at the held-out cases of a classification: the mean AUC over the classes, and the accuracy. */
import { areaUnderRoc, rankCases } from '../../metrics/roc.js';
import type { FinetuneConfig } from '../config.js';
import type { HeldOut, Predict, TaskLook } from '../task.js';

export async function lookAtClassification(
  { samples }: HeldOut,
  predict: Predict,
  { data: { classes } }: FinetuneConfig,
): Promise<TaskLook> {
  const rows: Float32Array[] = [];
  for (let index = 0; index < samples.count; index++) rows.push((await predict(samples.image(index))).data);
  const areas = classes.map((_, k) =>
    areaUnderRoc(rankCases(rows.map((row) => row[k]!)), (index) => samples.classOf(index) === k),
  );
  const defined = areas.filter((area) => !Number.isNaN(area));
  const right = rows.filter((row, index) => row.indexOf(Math.max(...row)) === samples.classOf(index)).length;
  return {
    score: defined.length ? defined.reduce((sum, area) => sum + area, 0) / defined.length : 0,
    values: {
      accuracy: right / Math.max(1, samples.count),
      ...Object.fromEntries(areas.flatMap((area, k) => (Number.isNaN(area) ? [] : [[`AUC of ${classes[k]}`, area]]))),
    },
    draw: async () => {},
  };
}
