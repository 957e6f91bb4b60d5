/** Classes of images of which nothing is known. */
import type { CaseInput } from '../../data/input.js';
import { csv } from '../../metrics/csv.js';
import type { Classifier } from './classifier.js';

export interface ClassifiedImage {
  readonly file: string;
  /** The class of the highest probability; the first of equal ones. */
  readonly class: string;
  /** By class; they sum to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** @param file what the result is called */
export async function classify(classifier: Classifier, input: CaseInput, file: string): Promise<ClassifiedImage> {
  const { data } = await classifier.classify(input);
  const { classes } = classifier;
  return {
    file,
    class: classes[data.indexOf(Math.max(...data))]!,
    probabilities: Object.fromEntries(classes.map((name, index) => [name, data[index]!])),
  };
}

/** A row for each image: its file, its class and the probability of every class. */
export function classifiedCsv(rows: readonly ClassifiedImage[], classes: readonly string[]): string {
  return csv([
    ['file', 'class', ...classes],
    ...rows.map((row) => [row.file, row.class, ...classes.map((name) => row.probabilities[name]!)]),
  ]);
}
