/** The prediction of a case, how certain each of its pixels is, and how it agrees with a label. */

import { meanDefined } from '../../core/statistics.js';
import type { CaseInput } from '../../data/input.js';
import type { Labels } from '../../data/labelled/labels.js';
import { classDices } from '../../finetune/segmentation/look.js';
import { canonicalGrid, type Grid, turnData, turnToCanonical } from '../../image/index.js';
import { type Segmenter, segment } from '../../use/segmentation/segment.js';
import { UNPAINTED } from '../drawing/map.js';

export interface Prediction {
  /** Of a volume in RAS. */
  readonly labels: Labels;
  /** There, too, 0 to 255: 1 less the entropy of the probabilities, as a share of the greatest. */
  readonly certainty: Uint8Array;
  /** The mean of what is not certain, 0 to 1. */
  readonly uncertainty: number;
}

export async function predicted(segmenter: Segmenter, input: CaseInput): Promise<Prediction> {
  const { labels, probabilities } = await segment(segmenter, input, { probabilities: true });
  const { shape, data } = probabilities!;
  const [classes] = shape as [number];
  const pixels = labels.data.length;
  const certainty = new Uint8Array(pixels);
  let sum = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    let entropy = 0;
    for (let k = 0; k < classes; k++) {
      const p = data[k * pixels + pixel]!;
      if (p > 0) entropy -= p * Math.log(p);
    }
    const share = Math.min(1, entropy / Math.log(classes));
    sum += share;
    certainty[pixel] = Math.round(255 * (1 - share));
  }
  return { labels: inCanonical(labels), certainty: turned(certainty, labels.grid), uncertainty: sum / pixels };
}

/** Labels on the grid of a volume's file, on its voxels turned to RAS; those of an image are what they are. */
export function inCanonical({ grid, ...labels }: Labels): Labels {
  if (!grid) return labels;
  const own = canonicalGrid(grid);
  return { ...labels, shape: own.shape, data: turned(labels.data, grid), grid: own };
}

function turned(data: Uint8Array, grid: Grid | undefined): Uint8Array {
  return grid ? turnData(data, grid.shape, turnToCanonical(grid.affine)) : data;
}

/** What was drawn as a training takes it: what nobody painted is background, or of no class. */
export function asLabels(drawn: Uint8Array, restIsBackground: boolean): Uint8Array {
  return restIsBackground ? drawn.map((value) => (value === UNPAINTED ? 0 : value)) : drawn;
}

/** The mean Dice over the classes that are in either map; null where there is none. */
export function meanDice(prediction: Labels, truth: Labels, classes: number): number | null {
  return meanDefined(classDices(prediction, truth, classes, UNPAINTED));
}
