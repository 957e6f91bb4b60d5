/**
 * Segmentation by an atlas: the labels of a few images, laid over another one by the displacements that a pretrained
 * network regresses between the two (docs/method.md §4). Nothing is trained on a label. Each image of the atlas votes,
 * and what lies outside of it, or belongs to no class there, votes for the background.
 */
import { InputError } from '../../core/errors.js';
import { holds } from '../../core/label-sets.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Labels } from '../../data/labelled/labels.js';
import type { CaseRecipe } from '../../data/labelled/recipe.js';
import { warpLinear } from '../../views/index.js';
import { predictField, requireField } from '../field.js';
import type { Network } from '../network.js';
import type { Segmenter } from './segment.js';

/** An image whose classes are known, fitted to the extents of the atlas. */
export interface AtlasCase {
  /** `[C, ...S]` in [0, 1] */
  readonly image: Tensor;
  /** `[...S]` */
  readonly labels: Labels;
}

export interface AtlasOptions {
  /** How a file becomes what the network sees: resized to the extents S, as a whole. */
  readonly recipe: CaseRecipe;
  /** Names by index, the background first. */
  readonly classes: readonly string[];
  /** Whether classes overlap: labels are sets of them. */
  readonly multiLabel: boolean;
  /** Bytes that can be allocated now; unknown where absent. */
  readonly freeMemory?: (() => number) | undefined;
}

/**
 * A segmenter that lays labelled images over the one that it is asked about. It owns the network.
 * @throws InputError ('weights') when the network predicts no displacements, ('config') without a labelled image
 * @example
 * const segmenter = createAtlasSegmenter(network, [{ image, labels }], { recipe, classes, multiLabel: false });
 * const { labels } = await segment(segmenter, await readCaseInput('scan.png', segmenter));
 */
export function createAtlasSegmenter(
  network: Network,
  cases: readonly AtlasCase[],
  { recipe, classes, multiLabel, freeMemory }: AtlasOptions,
): Segmenter {
  requireField(network.model);
  if (cases.length === 0) throw new InputError('config', 'expected at least one labelled image, found none');
  const atlas = cases.map(({ image, labels }) => ({ image, masks: masksOf(labels, classes.length) }));
  return {
    ...recipe,
    ...{ classes, multiLabel, freeMemory },
    flips: [],
    source: network.model.source,
    device: network.device,
    close: () => network.close(),
    async predict(image) {
      const size = image.shape.slice(1);
      const pixels = sizeOf(size);
      const votes = tensor([classes.length, ...size]);
      votes.data.fill(1, 0, pixels);
      for (const { image: moving, masks } of atlas) {
        const { field } = await predictField(network, moving, image, { size });
        warpLinear(masks, field.data).forEach((share, at) => {
          votes.data[pixels + at]! += share / atlas.length;
          if (!multiLabel) votes.data[at % pixels]! -= share / atlas.length;
        });
      }
      return votes;
    },
  };
}

/** `[K − 1, ...S]`: where each class but the background is. */
function masksOf({ shape, data, sets = false }: Labels, classes: number): Tensor {
  const masks = tensor([classes - 1, ...shape]);
  for (let label = 1; label < classes; label++) {
    const has = holds(label, sets);
    for (let at = 0; at < data.length; at++) if (has(data[at]!)) masks.data[(label - 1) * data.length + at] = 1;
  }
  return masks;
}
