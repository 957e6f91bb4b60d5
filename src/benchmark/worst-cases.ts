/** Pictures of the cases with the lowest scores of a cell: what a mean does not show. */
import { join } from 'node:path';
import { type LabelFiles, type LabelledCase, readCaseInput, readLabels, valuesOf } from '../data/labelled/index.js';
import { casePanel } from '../finetune/segmentation/case-pictures.js';
import { encodePng } from '../image/encode-png.js';
import { spacingOf, turnData, turnToCanonical } from '../image/index.js';
import { labelFocus, labelPlanes, montage, type Picture } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import type { Classifier } from '../use/classification/classifier.js';
import { type Segmenter, segment } from '../use/segmentation/segment.js';

export interface WorstCase {
  readonly id: string;
  readonly score: number;
  /** Within the folder of the cell. */
  readonly picture: string;
  /** What the picture shows, in words. */
  readonly caption: string;
}

type Chosen = readonly { readonly id: string; readonly score: number }[];

/** Writes `test/worst-1.png`, …: image, truth and prediction. */
export async function drawWorstSegmented(
  folder: string,
  segmenter: Segmenter,
  cases: readonly LabelledCase[],
  chosen: Chosen,
  ignore: number,
): Promise<WorstCase[]> {
  return drawAll(folder, cases, chosen, async ({ id, image, label, values }, score) => {
    const input = await readCaseInput(image, segmenter);
    const truth = await readLabels(label as LabelFiles, values);
    const { labels } = await segment(segmenter, input);
    const prediction = labels.grid
      ? {
          ...labels,
          shape: truth.shape,
          data: turnData(labels.data, labels.grid.shape, turnToCanonical(labels.grid.affine)),
        }
      : labels;
    const spacing = truth.grid && { spacing: spacingOf(truth.grid) };
    const panel = { name: id, image: valuesOf(input), truth, prediction, dice: score, ignore, ...spacing };
    return { picture: casePanel(panel), caption: `Dice ${score.toFixed(3)}; image, truth, prediction` };
  });
}

/** Writes `test/worst-1.png`, …: the image, with its true class and what was thought of it. */
export async function drawWorstClassified(
  folder: string,
  classifier: Classifier,
  cases: readonly LabelledCase[],
  chosen: Chosen,
): Promise<WorstCase[]> {
  return drawAll(folder, cases, chosen, async ({ id, image, label }, score) => {
    const values = valuesOf(await readCaseInput(image, classifier));
    const extents = values.shape.slice(1);
    const middle = labelFocus({ shape: extents, data: new Uint8Array(extents.reduce((a, b) => a * b, 1)) });
    const cells = labelPlanes(values, [null], middle, extents).map(([plane, [cell]]): [string, Picture] => [
      plane ? `${id} ${plane}` : id,
      cell!,
    ]);
    const truth = classifier.classes[Number(label)];
    return {
      picture: montage(cells, { columns: cells.length }),
      caption: `${truth}, which the network gave a probability of ${score.toFixed(3)}`,
    };
  });
}

async function drawAll(
  folder: string,
  cases: readonly LabelledCase[],
  chosen: Chosen,
  draw: (one: LabelledCase, score: number) => Promise<{ picture: Picture; caption: string }>,
): Promise<WorstCase[]> {
  const worst: WorstCase[] = [];
  for (const [index, { id, score }] of chosen.entries()) {
    const one = cases.find((found) => found.id === id);
    if (!one) continue;
    const { picture, caption } = await draw(one, score);
    const path = join('test', `worst-${index + 1}.png`);
    writeFileAtomic(join(folder, path), await encodePng(picture));
    worst.push({ id, score, picture: path, caption });
  }
  return worst;
}
