/** What is said of a registration: numbers for a file, and a text for the screen. */

import { meanDefined } from '../../core/statistics.js';
import { textTable } from '../../metrics/text-table.js';
import type { ImageSimilarity, RegistrationMeasures } from '../index.js';
import type { ClassOverlap } from './score.js';

export interface RegistrationReport {
  readonly kind: 'registration';
  readonly moving: string;
  readonly fixed: string;
  readonly model: string;
  readonly step: number;
  /** Of lengths: pixels of the fixed image, or millimetres. */
  readonly unit: 'px' | 'mm';
  /** The fixed image's extents and edges of a pixel. */
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  readonly measures: RegistrationMeasures;
  /** The classes and their mean Dice; where labels of both images were given. */
  readonly classes?: readonly ClassOverlap[];
  readonly meanDice?: { readonly before: number | null; readonly after: number | null };
}

type Facts = Omit<RegistrationReport, 'kind' | 'classes' | 'meanDice'>;

export function registrationReport({
  overlap,
  ...facts
}: Facts & { readonly overlap: readonly ClassOverlap[] | undefined }): RegistrationReport {
  if (!overlap) return { kind: 'registration', ...facts };
  const meanDice = {
    before: meanDefined(overlap.map(({ diceBefore }) => diceBefore)),
    after: meanDefined(overlap.map(({ diceAfter }) => diceAfter)),
  };
  return { kind: 'registration', ...facts, classes: overlap, meanDice };
}

/** Lines of at most 80 columns. */
export function registrationText({ measures, unit, shape, classes, meanDice }: RegistrationReport): string {
  const { meanDisplacement, largestDisplacement, foldedShare, outsideShare } = measures;
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const element = unit === 'mm' ? 'voxels' : 'pixels';
  const lines = [
    `displacement on ${shape.join(' x ')} ${element}: mean ${meanDisplacement.toFixed(2)} ${unit}, largest ${largestDisplacement.toFixed(2)} ${unit}`,
    `folded ${percent(foldedShare)} of the ${element}, outside of the moving image ${percent(outsideShare)}`,
    '',
  ];
  const { similarityBefore: first, similarityAfter: second } = measures;
  const of = (similarity: ImageSimilarity | null, key: keyof ImageSimilarity) => number(similarity?.[key] ?? null);
  const rows = [
    ['correlation', '', of(first, 'correlation'), of(second, 'correlation')],
    ['difference', '', of(first, 'difference'), of(second, 'difference')],
    ...(classes ?? []).flatMap(({ name, diceBefore, diceAfter, hd95Before, hd95After }) => [
      [name, 'Dice', number(diceBefore), number(diceAfter)],
      ['', `HD95 ${unit}`, number(hd95Before, 1), number(hd95After, 1)],
    ]),
    ...(meanDice ? [['mean of the classes', 'Dice', number(meanDice.before), number(meanDice.after)]] : []),
  ];
  return `${lines.join('\n')}${textTable(['images and classes', '', 'before', 'after'], rows)}\n`;
}

function number(value: number | null, digits = 3): string {
  return value === null ? '-' : value.toFixed(digits);
}
