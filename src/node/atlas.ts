/** An atlas from a folder of labelled images. */
import type { LabelledCase } from '../data/labelled/index.js';
import type { OnWarnings } from '../data/warnings.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { Model } from '../use/model.js';
import { type Atlas, type AtlasFolder, atlasOfCases, atlasOfFolder } from '../use/segmentation/labelled-atlas.js';
import type { Segmenter } from '../use/segmentation/segment.js';
import { finetuneHost } from './finetune.js';
import { hostOf, type NetworkOptions } from './networks.js';

/**
 * A segmenter by the labelled images of a folder and a pretrained network.
 * @throws InputError ('data') for a folder of no known layout or labels that do not fit, ('config') for more cases than
 * there are
 * @example
 * const { segmenter } = await openAtlas(loadModel('runs/xrays'), { folder: 'lungs', cases: 1 });
 * const { labels } = await segment(segmenter, await readCaseInput('scan.png', segmenter));
 * await segmenter.close();
 */
export function openAtlas(model: Model, folder: AtlasFolder, options: NetworkOptions = {}): Promise<Atlas> {
  return atlasOfFolder(model, folder, { data: finetuneHost, network: hostOf(options) });
}

/** A segmenter by these cases. @param config as for `atlasOfCases` @throws InputError as `openAtlas` does */
export function atlasSegmenter(
  model: Model,
  labelled: readonly LabelledCase[],
  config: FinetuneConfig,
  { onWarnings, ...options }: NetworkOptions & { readonly onWarnings?: OnWarnings | undefined } = {},
): Promise<Segmenter> {
  return atlasOfCases(model, labelled, config, { data: finetuneHost, network: hostOf(options) }, onWarnings);
}
