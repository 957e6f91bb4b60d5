/** Scores of a segmentation against labelled cases, on every image's own pixels; of volumes on the voxels of their labels, in mm. */
import { InputError } from '../../core/errors.js';
import { spacingOf } from '../../image/index.js';
import {
  checkLabels,
  filesById,
  type LabelledCase,
  type Labels,
  placeOf,
  readCaseInput,
  readLabels,
} from '../data/index.js';
import {
  type BootstrapOptions,
  type CaseScore,
  type SegmentationReport,
  scoreSegmentation,
  segmentationReport,
} from '../metrics/index.js';
import { type Segmenter, type SegmentOptions, segment } from './segment.js';

export interface EvaluateOptions extends SegmentOptions, BootstrapOptions {
  /** A label that belongs to no class. */
  readonly ignore?: number;
  readonly onCase?: (id: string, scores: readonly CaseScore[], done: number, total: number) => void;
}

/**
 * Segments labelled cases and scores them; distances are in pixels, of volumes in mm.
 * @throws InputError ('data') when there is no case or a label does not fit its image
 */
export async function evaluateSegmenter(
  segmenter: Segmenter,
  cases: readonly LabelledCase[],
  options: EvaluateOptions = {},
): Promise<SegmentationReport> {
  const { ignore = 255 } = options;
  return report(cases, options, async ({ image, label, values }) => {
    const input = await readCaseInput(image, segmenter);
    const truth = await readLabels(String(label), values);
    checkLabels(String(label), truth, placeOf(input), segmenter.classes, ignore);
    // Labels of volumes are in RAS, wherever the axes of their files run to: so is what is compared with them.
    const turned = 'image' in input && truth.grid ? { ...input, file: truth.grid } : input;
    const { labels } = await segment(segmenter, turned, options);
    return { prediction: labels, truth, classes: segmenter.classes };
  });
}

/**
 * Scores a folder of predicted label images or volumes against a folder of true ones with the same names.
 * @param classes names by index; empty: named by their index
 * @throws InputError ('data') when a prediction is missing or has other extents
 */
export async function evaluateFolders(
  predictions: string,
  references: string,
  classes: readonly string[],
  options: EvaluateOptions = {},
): Promise<SegmentationReport> {
  const { ignore = 255 } = options;
  const predicted = filesById(predictions);
  const pairs = [...filesById(references)].map(([id, label]) => {
    const image = predicted.get(id);
    if (image) return { id, image, label, patient: id };
    throw new InputError(
      'data',
      `${predictions}: expected a prediction for "${id}", found none`,
      'Predict every case, or take its label out of the folder.',
    );
  });
  const names = classes.length > 0 ? classes : await namesOf(pairs, ignore);
  return report(pairs, options, async ({ image, label }) => {
    const [prediction, truth] = [await readLabels(image), await readLabels(String(label))];
    checkLabels(image, prediction, truth, names, ignore);
    checkLabels(String(label), truth, truth, names, ignore);
    return { prediction, truth, classes: names };
  });
}

interface Pair {
  readonly prediction: Labels;
  readonly truth: Labels;
  readonly classes: readonly string[];
}

async function report(
  cases: readonly LabelledCase[],
  { ignore = 255, onCase, resamples, level, seed }: EvaluateOptions,
  pairOf: (one: LabelledCase) => Promise<Pair>,
): Promise<SegmentationReport> {
  if (cases.length === 0) {
    throw new InputError('data', 'expected at least one case to evaluate, found none', 'Choose another --split.');
  }
  const scores: CaseScore[] = [];
  let inMillimetres = false;
  for (const [index, one] of cases.entries()) {
    const { prediction, truth, classes } = await pairOf(one);
    const spacing = truth.grid ? spacingOf(truth.grid) : truth.shape.map(() => 1);
    inMillimetres = truth.grid !== undefined;
    const own = scoreSegmentation(
      one.id,
      { ...prediction, spacing },
      { ...truth, spacing },
      {
        classes: classes.slice(1).map((name, k) => ({ label: k + 1, name })),
        ignore,
      },
    );
    scores.push(...own);
    onCase?.(one.id, own, index + 1, cases.length);
  }
  const bootstrap = Object.entries({ resamples, level, seed }).filter(([, value]) => value !== undefined);
  return segmentationReport(scores, { unit: inMillimetres ? 'mm' : 'px', ...Object.fromEntries(bootstrap) });
}

/** As many classes as the largest index of the true labels asks for. */
async function namesOf(pairs: readonly LabelledCase[], ignore: number): Promise<string[]> {
  let largest = 1;
  for (const { label } of pairs) {
    for (const value of (await readLabels(String(label))).data)
      if (value !== ignore) largest = Math.max(largest, value);
  }
  return Array.from({ length: largest + 1 }, (_, index) => (index === 0 ? 'background' : `class ${index}`));
}
