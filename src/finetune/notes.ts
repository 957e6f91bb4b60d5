/**
 * What a user should know of the data before the first step: nothing of it ends the run, all of it limits what it
 * learns.
 */

import { classCounts } from '../core/label-sets.js';
import { firstFew } from '../core/lists.js';
import type { SampleSet } from '../data/labelled/sample-set.js';
import type { FinetuneConfig } from './config.js';
import type { DataRecord } from './data-record.js';

/** Classes that no training case in use has, a sentence; none where all occur. The background is no matter. */
export function classNotes({ data }: FinetuneConfig, { samples, count }: SampleSet): string[] {
  const { classes, multiLabel } = data;
  const counts = classCounts(
    samples.cases.map(({ labels }) => labels),
    classes.length,
    multiLabel,
  );
  const first = samples.perPixel ? 1 : 0;
  const absent = classes.filter((_, index) => index >= first && !(counts[index]! > 0));
  if (absent.length === 0) return [];
  const where = count === 1 ? 'not in the training case in use' : `in none of the ${count} training cases in use`;
  return [`${where}, so not learned: ${absent.join(', ')}`];
}

/** Images with the same content in training and validation, which make the validation look better than it is. */
export function overlapNotes({ images, labelled, validation }: DataRecord): string[] {
  if (!images) return [];
  const trained = new Map(images.labelled.map((hash, index) => [hash, labelled[index]!]));
  const pairs = images.validation.flatMap((hash, index) => {
    const twin = trained.get(hash);
    return twin === undefined ? [] : [`${validation[index]} is ${twin}`];
  });
  if (pairs.length === 0) return [];
  return [`validation images that are trained on, by their content: ${firstFew(pairs, 3)}`];
}

/** Test cases whose images were pretrained on, which makes the test look better than new images would. */
export function seenNotes(count: number, seen: readonly string[]): string[] {
  if (seen.length === 0) return [];
  const which = `${seen.length} of ${count} test cases`;
  return [`${which} are among the images of the pretraining, so a test flatters it: ${firstFew(seen, 3)}`];
}

/**
 * Why the validation cases can choose no checkpoint; null where they can. A score is then the same for every network:
 * the first one, which has learned nothing, would stay the best.
 */
export function whyNotJudged({ task, data }: FinetuneConfig, { samples, count }: SampleSet): string | null {
  const labels = samples.cases.map((one) => one.labels);
  const counts = classCounts(labels, data.classes.length, data.multiLabel);
  const present = counts.filter((pixels, index) => pixels > 0 && (task === 'classification' || index > 0)).length;
  const cases = count === 1 ? 'the validation case has' : `the ${count} validation cases have`;
  if (task === 'segmentation' && present === 0) return `${cases} no pixel of a class, so ${NOT_JUDGED}`;
  if (task === 'classification' && present < 2) return `${cases} one class alone, so ${NOT_JUDGED}`;
  return null;
}

const NOT_JUDGED = 'no step is the best by them: the last one counts';
