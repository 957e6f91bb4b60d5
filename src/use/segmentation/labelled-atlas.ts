/** An atlas from labelled images as they lie in a folder: which of them it holds, and how they become what it sees. */
import type { LabelledCase } from '../../data/labelled/labelled.js';
import { recipeOf } from '../../data/labelled/recipe.js';
import type { OnWarnings } from '../../data/warnings.js';
import { casesOf } from '../../finetune/cases.js';
import { completeConfig } from '../../finetune/complete.js';
import { type FinetuneConfig, finetuneSchema } from '../../finetune/config.js';
import type { FinetuneHost } from '../../finetune/host.js';
import { pretrainedOf } from '../../finetune/pretrained.js';
import { withinSlices } from '../../image/index.js';
import type { Model } from '../model.js';
import { createNetwork, type NetworkHost } from '../network.js';
import { createAtlasSegmenter } from './atlas.js';
import type { Segmenter } from './segment.js';

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

/** What an atlas asks of the place where it is made. */
export interface AtlasHost {
  readonly data: Pick<FinetuneHost, 'layout' | 'labelsOf' | 'usualWindow' | 'openCases' | 'readWeights'>;
  readonly network: NetworkHost;
}

/**
 * A segmenter by the labelled images of a folder and a pretrained network.
 * @throws InputError ('data') for a folder of no known layout or labels that do not fit, ('config') for more cases than
 * there are
 */
export async function atlasOfFolder(
  model: Model,
  { folder, cases, seed = 0, onWarnings }: AtlasFolder,
  host: AtlasHost,
): Promise<Atlas> {
  const wanted = finetuneSchema.parse({
    seed,
    data: { source: folder, cases: cases ?? null, validationShare: 0, testShare: 0 },
    model: { from: model.source },
  });
  const layout = await host.data.layout(wanted);
  const { parts, labelled } = casesOf(wanted, layout);
  const rest = layout.cases.filter((one) => !labelled.includes(one));
  const others = [parts.test, parts.validation].find((part) => part.length > 0) ?? rest;
  const pretrained = pretrainedOf(await host.data.readWeights(model.source));
  const config = await completeConfig(wanted, layout, pretrained, host.data);
  return { segmenter: await atlasOfCases(model, labelled, config, host, onWarnings), labelled, others };
}

/**
 * A segmenter by these cases.
 * @param config of a fine-tuning on their data, complete: its classes, and how files become images
 * @throws InputError as `atlasOfFolder` does
 */
export async function atlasOfCases(
  model: Model,
  labelled: readonly LabelledCase[],
  config: FinetuneConfig,
  { data, network }: AtlasHost,
  onWarnings: OnWarnings = () => {},
): Promise<Segmenter> {
  const read = (cases: readonly LabelledCase[], as: FinetuneConfig) =>
    data.openCases(as, null).read(cases, () => {}, onWarnings);
  const { slices } = config.data;
  let { size } = config.data;
  if (config.data.fit === 'keep') {
    // Volumes that were kept at their own extents in the pretraining are brought to those of the first one: of slices
    // to the rows and columns of its slices.
    const unpadded = { ...config, views: { ...config.views, crop: config.views.crop.map(() => 1) } };
    const extents = (await read(labelled.slice(0, 1), unpadded)).image(0).shape.slice(1);
    size = slices ? withinSlices(slices, extents) : extents;
  }
  const whole: FinetuneConfig = {
    ...config,
    data: { ...config.data, fit: 'resize', size },
    views: { ...config.views, crop: size },
  };
  const set = await read(labelled, whole);
  const cases = labelled.map((_, index) => ({ image: set.image(index), labels: set.labels(index) }));
  const { classes, multiLabel, ignore } = config.data;
  return createAtlasSegmenter(await createNetwork(model, network), cases, {
    ...{ recipe: recipeOf(whole), slices, classes, multiLabel, ignore },
    freeMemory: network.freeMemory,
  });
}
