/** Pictures of the best, the median and the worst validation case: the image, the truth and the prediction over it. */
import { join } from 'node:path';
import { writeFileAtomic } from '../../core/files.js';
import { encodePng, labelOverlay, montage, photo } from '../../report/index.js';
import { imageOf, labelsOf, type Samples } from '../data/index.js';
import type { SegmentationLook } from './validate.js';

/** The file of each picture and what it shows. */
export const casePictures = ['best', 'median', 'worst'] as const;

/** Writes `samples/best.png`, `samples/median.png` and `samples/worst.png`, of the cases by their mean Dice. */
export async function drawCasePictures(
  folder: string,
  { predictions, cases }: SegmentationLook,
  samples: Samples,
  names: readonly string[],
  ignore: number,
): Promise<void> {
  const order = cases
    .flatMap((dice, index) => (dice === null ? [] : [{ dice, index }]))
    .sort((a, b) => b.dice - a.dice);
  if (order.length === 0) return;
  const chosen = [order[0]!, order[Math.floor((order.length - 1) / 2)]!, order.at(-1)!];
  for (const [place, { dice, index }] of chosen.entries()) {
    const image = imageOf(samples, index);
    const side = 320;
    const panel = montage(
      [
        [names[index]!, photo(image, { side, range: [0, 1] })],
        ['truth', labelOverlay(image, labelsOf(samples, index), { side, ignore })],
        [`prediction, Dice ${dice.toFixed(3)}`, labelOverlay(image, predictions[index]!, { side })],
      ],
      { columns: 3, letters: 2 },
    );
    writeFileAtomic(join(folder, 'samples', `${casePictures[place]}.png`), await encodePng(panel));
  }
}
