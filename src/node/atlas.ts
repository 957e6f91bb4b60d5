/** An atlas from a folder of labelled images: which of them it holds, and how they become what the network sees. */
import { fitted, type LabelledCase, readCaseInput, readLabels, recipeOf, valuesOf } from '../data/labelled/index.js';
import type { LabelFiles } from '../data/labelled/labels.js';
import { targetOf } from '../data/labelled/target.js';
import type { OnWarnings } from '../data/warnings.js';
import { casesOf } from '../finetune/cases.js';
import { type FinetuneConfig, finetuneSchema } from '../finetune/config.js';
import { freeMemory } from '../system/free-memory.js';
import { requireField } from '../use/field.js';
import type { Model } from '../use/model.js';
import { type AtlasCase, createAtlasSegmenter } from '../use/segmentation/atlas.js';
import type { Segmenter } from '../use/segmentation/segment.js';
import { completed } from './finetune.js';
import { layoutOf } from './layout.js';
import { type NetworkOptions, openNetwork } from './networks.js';

export interface AtlasFolder {
  /** Labelled images, in any of the layouts of a fine-tuning. */
  readonly folder: string;
  /** How many of them, drawn by the seed as in a fine-tuning; all where absent. */
  readonly cases?: number | undefined;
  /** 0 by default. */
  readonly seed?: number | undefined;
  /** Told what the readers of the images had to assume. */
  readonly onWarnings?: OnWarnings | undefined;
}

export interface Atlas {
  readonly segmenter: Segmenter;
  /** The labelled images that it holds. */
  readonly labelled: readonly LabelledCase[];
  /** What it can be scored on: the folder's test or validation part, else all that the atlas does not hold. */
  readonly others: readonly LabelledCase[];
}

/**
 * A segmenter by the labelled images of a folder and a pretrained network.
 * @throws InputError ('weights') for a network that predicts no displacements, ('data') for a folder of no known layout
 * or labels that do not fit, ('config') for more cases than there are
 * @example
 * const { segmenter } = await openAtlas(loadModel('runs/xrays'), { folder: 'lungs', cases: 1 });
 * const { labels } = await segment(segmenter, await readCaseInput('scan.png', segmenter));
 * await segmenter.close();
 */
export async function openAtlas(
  model: Model,
  { folder, cases, seed = 0, onWarnings }: AtlasFolder,
  options: NetworkOptions = {},
): Promise<Atlas> {
  requireField(model);
  const wanted = finetuneSchema.parse({
    seed,
    data: { source: folder, cases: cases ?? null, validationShare: 0, testShare: 0 },
    model: { from: model.source },
  });
  const layout = layoutOf(wanted);
  const { parts, labelled } = casesOf(wanted, layout);
  const rest = layout.cases.filter((one) => !labelled.includes(one));
  const others = [parts.test, parts.validation].find((part) => part.length > 0) ?? rest;
  const segmenter = await atlasSegmenter(model, labelled, await completed(wanted), { ...options, onWarnings });
  return { segmenter, labelled, others };
}

/**
 * A segmenter by these cases.
 * @param config of a fine-tuning on their data, complete: its classes, and how files become images
 * @throws InputError as `openAtlas` does
 */
export async function atlasSegmenter(
  model: Model,
  labelled: readonly LabelledCase[],
  config: FinetuneConfig,
  { onWarnings, ...options }: NetworkOptions & Pick<AtlasFolder, 'onWarnings'> = {},
): Promise<Segmenter> {
  requireField(model);
  const { classes, multiLabel, ignore } = config.data;
  let recipe = recipeOf(config);
  const cases: AtlasCase[] = [];
  for (const one of labelled) {
    const input = await readCaseInput(one.image, recipe, onWarnings);
    // Volumes that were kept at their own extents in the pretraining are brought to those of the first one.
    if (recipe.fit === 'keep') recipe = { ...recipe, fit: 'resize', size: valuesOf(input).shape.slice(1) };
    recipe = { ...recipe, window: recipe.size };
    const own = await readLabels(one.label as LabelFiles, one.values);
    const data = targetOf(one, input, own, { ...recipe, classes, ignore });
    cases.push({ image: fitted(valuesOf(input), recipe), labels: { shape: recipe.size, data, sets: multiLabel } });
  }
  const network = await openNetwork(model, options);
  const free = options.ignoreMemory ? undefined : () => freeMemory();
  return createAtlasSegmenter(network, cases, { recipe, classes, multiLabel, freeMemory: free });
}
