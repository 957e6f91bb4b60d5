/** Pictures of single cases: the image, the truth and the prediction over it; of volumes in three planes. */
import type { Tensor } from '../../core/tensor.js';
import type { Labels } from '../../data/labelled/labels.js';
import { encodePng } from '../../image/encode-png.js';
import { labelFocus, labelPlanes, montage, type Picture } from '../../report/index.js';
import type { RunFolder } from '../../train/run-folder.js';
import type { HeldOut } from '../task.js';

/** The file of each picture and what it shows. */
export const casePictures = ['best', 'median', 'worst'] as const;

export interface CasePanel {
  readonly name: string;
  /** `[C, ...S]` in [0, 1]. */
  readonly image: Tensor;
  /** Both over the image, of any resolution. */
  readonly truth: Labels;
  readonly prediction: Labels;
  /** The mean over the classes; null where it is not defined. */
  readonly dice: number | null;
  readonly ignore: number;
  /** Edges of a voxel of the truth, in mm. */
  readonly spacing?: readonly number[];
}

/** One row of three pictures for each plane: the image, the truth, the prediction. */
export function casePanel({ name, image, truth, prediction, dice, ignore, spacing }: CasePanel): Picture {
  const known = { ...truth, ignore };
  const options = spacing ? { spacing } : {};
  const planes = labelPlanes(image, [null, known, prediction], labelFocus(known), truth.shape, options);
  const scored = `prediction, Dice ${dice === null ? 'not defined' : dice.toFixed(3)}`;
  const rows = planes.flatMap(([plane, [seen, labelled, predicted]], index): [string, Picture][] => [
    [index === 0 ? name : plane, seen!],
    [plane ? `truth, ${plane}` : 'truth', labelled!],
    [scored, predicted!],
  ]);
  return montage(rows, { columns: 3 });
}

/** What was predicted of held-out cases. */
export interface Predicted {
  readonly predictions: readonly Labels[];
  /** The mean Dice of each case; null where no class but the background is in either map. */
  readonly cases: readonly (number | null)[];
}

/**
 * Writes `samples/best.png`, `samples/median.png` and `samples/worst.png`, of the cases by their mean Dice; of fewer
 * than three cases each once.
 */
export async function drawCasePictures(
  run: RunFolder,
  { samples, names }: HeldOut,
  { predictions, cases }: Predicted,
  ignore: number,
): Promise<void> {
  const order = cases
    .flatMap((dice, index) => (dice === null ? [] : [{ dice, index }]))
    .sort((a, b) => b.dice - a.dice);
  if (order.length === 0) return;
  const chosen = [order[0]!, order[Math.floor((order.length - 1) / 2)]!, order.at(-1)!];
  for (const [place, { dice, index }] of chosen.entries()) {
    if (chosen.findIndex((one) => one.index === index) < place) continue;
    const [image, truth] = [samples.image(index), samples.labels(index)];
    const panel = casePanel({ name: names[index]!, image, truth, prediction: predictions[index]!, dice, ignore });
    await run.writeSample(`${casePictures[place]!}.png`, await encodePng(panel));
  }
}
