/**
 * Scores of a segmentation against labelled cases, on every image's own pixels; of volumes on the voxels of their
 * labels, in mm.
 */
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { checkClasses } from '../data/labelled/known-classes.js';
import type { LabelledCase } from '../data/labelled/labelled.js';
import { checkLabels, firstFile, type LabelFiles, type Labels } from '../data/labelled/labels.js';
import { type LabelFolder, labelFolder } from '../data/labelled/layouts/label-folder.js';
import { labelsOfCase, readLabels } from '../data/labelled/read-labels.js';
import { fitted, placeOf, valuesOf } from '../data/labelled/recipe.js';
import { readCaseInput } from '../data/read-input.js';
import type { OnWarnings } from '../data/warnings.js';
import { spacingOf } from '../image/index.js';
import {
  type BootstrapOptions,
  type CaseScore,
  type SegmentationReport,
  scoreSegmentation,
  segmentationReport,
} from '../metrics/index.js';
import { type Segmenter, type SegmentOptions, segment } from '../use/segmentation/segment.js';
import { checkScored, checkSome } from './scored-cases.js';

export interface EvaluateOptions extends SegmentOptions, BootstrapOptions {
  /** A label that belongs to no class. */
  readonly ignore?: number;
  /** Told what the readers of images had to assume. */
  readonly onWarnings?: OnWarnings | undefined;
  /** Called with the image of each case, fitted as the network takes it. */
  readonly onImage?: (id: string, image: Tensor) => Promise<void>;
  readonly onCase?: (id: string, scores: readonly CaseScore[], done: number, total: number) => void;
  /** Called with the names of predictions that have no label. */
  readonly onUnscored?: (ids: readonly string[]) => void;
  /**
   * What to do with a case that cannot be read; it is left out, unless this throws. Where absent the error is thrown.
   */
  readonly onFailure?: (file: string, error: unknown) => void;
}

/**
 * Segments labelled cases and scores them; distances are in pixels, of volumes in mm.
 * @throws InputError ('data') when there is no case, a label does not fit its image, or all labels are masks of 0 and
 * 255
 */
export async function evaluateSegmenter(
  segmenter: Segmenter,
  cases: readonly LabelledCase[],
  options: EvaluateOptions = {},
): Promise<SegmentationReport> {
  const { ignore = 255 } = options;
  if (!segmenter.multiLabel) await checkClasses(cases, labelsOfCase);
  return report(cases, options, async ({ id, image, label, values }) => {
    const input = await readCaseInput(image, segmenter, options.onWarnings);
    await options.onImage?.(id, fitted(valuesOf(input), segmenter));
    const files = label as LabelFiles;
    const truth = await readLabels(files, values);
    checkKind(segmenter, files, truth);
    checkLabels(files, truth, placeOf(input), segmenter.classes, ignore);
    // Labels of volumes are in RAS, wherever the axes of their files run to: so is what is compared with them.
    const turned = 'image' in input && truth.grid ? { ...input, file: truth.grid } : input;
    const { labels } = await segment(segmenter, turned, options);
    return { prediction: labels, truth, classes: segmenter.classes };
  });
}

/**
 * Scores a folder of predicted label images or volumes against a folder of true ones with the same names.
 * @param classes names by index; empty: named by their index
 * @throws InputError ('data') when a prediction is missing, has other extents, or values that are no class, or all true
 * labels are masks of 0 and 255
 */
export async function evaluateFolders(
  predictions: string,
  references: string,
  classes: readonly string[],
  options: EvaluateOptions = {},
): Promise<SegmentationReport> {
  const { ignore = 255 } = options;
  const [predicted, known] = [labelFolder(predictions), labelFolder(references)];
  const named = known.classes ?? [];
  if (predicted.classes?.join() !== known.classes?.join()) {
    throw new InputError(
      'data',
      `${predictions}: expected ${folderText(known)} as in ${references}, found ${folderText(predicted)}`,
      'Both hold files of the same names, or folders of masks for the same classes.',
    );
  }
  const pairs = [...known.files].map(([id, label]) => {
    const prediction = predicted.files.get(id);
    if (prediction) return { id, image: firstFile(prediction), prediction, label, patient: id };
    throw new InputError(
      'data',
      `${predictions}: expected a prediction for "${id}", found none`,
      'Predict every case, or take its label out of the folder.',
    );
  });
  const extra = [...predicted.files.keys()].filter((id) => !known.files.has(id));
  if (extra.length > 0) options.onUnscored?.(extra);
  await checkClasses(pairs, labelsOfCase);
  const names = named.length > 0 ? named : classes.length > 0 ? classes : await namesOf(pairs, ignore);
  return report(pairs, options, async ({ prediction: files, label }) => {
    const [prediction, truth] = [await readLabels(files), await readLabels(label)];
    checkLabels(files, prediction, truth, names, ignore);
    checkDecided(files, prediction, truth, names, ignore);
    checkLabels(label, truth, truth, names, ignore);
    return { prediction, truth, classes: names };
  });
}

/** A prediction has a class wherever the truth has one: what belongs to none would be scored as missed. */
function checkDecided(
  files: LabelFiles,
  { data, sets }: Labels,
  truth: Labels,
  classes: readonly string[],
  ignore: number,
): void {
  if (sets) return;
  const strange = data.find((value, at) => value >= classes.length && truth.data[at] !== ignore);
  if (strange === undefined) return;
  throw new InputError(
    'data',
    `${firstFile(files)}: expected predicted classes from 0 to ${classes.length - 1} (${classes.join(', ')}), found ${strange}`,
    'Store class indices: a mask as 0 and 1, not as 0 and 255.',
  );
}

function folderText({ classes }: LabelFolder): string {
  return classes ? `folders of masks (${classes.slice(1).join(', ')})` : 'label maps';
}

/** Labels of another kind than the network's would be scored as if they were of its own. */
function checkKind({ multiLabel, source }: Segmenter, files: LabelFiles, truth: Labels): void {
  if ((truth.sets ?? false) === multiLabel) return;
  const kinds = ['class indices', 'a mask for each class'];
  throw new InputError(
    'data',
    `${firstFile(files)}: expected ${kinds[Number(multiLabel)]}, with which ${source} was trained, found ${kinds[Number(!multiLabel)]}`,
    'Evaluate it on labels of its own kind.',
  );
}

interface Pair {
  readonly prediction: Labels;
  readonly truth: Labels;
  readonly classes: readonly string[];
}

async function report<Case extends LabelledCase>(
  cases: readonly Case[],
  { ignore = 255, onCase, onFailure, resamples, level, seed }: EvaluateOptions,
  pairOf: (one: Case) => Promise<Pair>,
): Promise<SegmentationReport> {
  checkSome(cases);
  const scores: CaseScore[] = [];
  let inMillimetres = false;
  for (const [index, one] of cases.entries()) {
    const pair = await pairOf(one).catch((error: unknown) => {
      if (!onFailure) throw error;
      onFailure(one.image, error);
      return undefined;
    });
    if (!pair) continue;
    const { prediction, truth, classes } = pair;
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
  checkScored(scores, cases);
  const bootstrap = Object.entries({ resamples, level, seed }).filter(([, value]) => value !== undefined);
  return segmentationReport(scores, { unit: inMillimetres ? 'mm' : 'px', ...Object.fromEntries(bootstrap) });
}

/** As many classes as the largest index of the true labels asks for. */
async function namesOf(pairs: readonly LabelledCase[], ignore: number): Promise<string[]> {
  let largest = 1;
  for (const { label } of pairs) {
    for (const value of (await readLabels(label as LabelFiles)).data)
      if (value !== ignore) largest = Math.max(largest, value);
  }
  return Array.from({ length: largest + 1 }, (_, index) => (index === 0 ? 'background' : `class ${index}`));
}
