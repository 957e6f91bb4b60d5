/** Labels and a registration: labels warped by the nearest pixel, and how well they lie on those of the fixed image. */

import type { Tensor } from '../../core/tensor.js';
import type { Labels } from '../../data/labelled/labels.js';
import { warpNearest } from '../../finetune/augment.js';
import { type CaseScore, type SegmentationClass, scoreSegmentation } from '../../metrics/index.js';
import { between } from '../index.js';

/**
 * The labels of the moving image at the pixels of the fixed one; places outside are background.
 * @param field `[nd, ...F]`: pixel p of the fixed image is `p + field(p)` of the moving one
 */
export function warpLabels({ shape, data }: Labels, field: Tensor): Labels {
  const fixed = field.shape.slice(1);
  const region = between(shape, fixed);
  return { shape: fixed, data: Uint8Array.from(warpNearest(data, field.data, region, 0)) };
}

/** One class before and after. A Dice is null where the class is in neither image. */
export interface ClassOverlap {
  readonly label: number;
  readonly name: string;
  readonly diceBefore: number | null;
  readonly diceAfter: number | null;
  /** The 95th percentile of the surface distances, in the unit of the spacing. */
  readonly hd95Before: number | null;
  readonly hd95After: number | null;
}

export interface OverlapOptions {
  /** Edges of a pixel of the fixed image. */
  readonly spacing: readonly number[];
  /** Names by index; classes beyond are named by their index. */
  readonly classes?: readonly string[];
  /** A label of the fixed image that belongs to no class. */
  readonly ignore?: number;
}

/**
 * The overlap of each class that is in the fixed or the moving labels.
 * @param before labels of the moving image on the pixels of the fixed one, without the registration; @param after with
 * it
 */
export function labelOverlap(
  before: Labels,
  after: Labels,
  fixed: Labels,
  { spacing, classes = [], ignore = 255 }: OverlapOptions,
): ClassOverlap[] {
  const present = new Set([...new Set(before.data), ...new Set(after.data), ...new Set(fixed.data)]);
  const wanted = [...present]
    .filter((label) => label !== 0 && label !== ignore)
    .sort((a, b) => a - b)
    .map((label): SegmentationClass => ({ label, name: classes[label] ?? `class ${label}` }));
  if (wanted.length === 0) return [];
  const reference = { ...fixed, spacing };
  const scores = (labels: Labels): CaseScore[] =>
    scoreSegmentation('labels', { ...labels, spacing }, reference, { classes: wanted, ignore });
  const [first, second] = [scores(before), scores(after)];
  return wanted.map(({ label, name }, index) => ({
    label,
    name,
    diceBefore: first[index]!.dice,
    diceAfter: second[index]!.dice,
    hd95Before: first[index]!.hd95,
    hd95After: second[index]!.hd95,
  }));
}
