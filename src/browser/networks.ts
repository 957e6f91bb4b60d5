/** Networks of a page: from runs and files of weights in its private file system, on the page's engine. */
import { startEngine, type WebEngineOptions } from '../engine/web/index.js';
import { type Classifier, createClassifier } from '../use/classification/classifier.js';
import { finetunedOf } from '../use/finetuned-model.js';
import { type Model, modelOf } from '../use/model.js';
import { createNetwork, type Network, type NetworkHost } from '../use/network.js';
import { type Atlas, type AtlasFolder, atlasOfFolder } from '../use/segmentation/labelled-atlas.js';
import { createSegmenter, type Segmenter } from '../use/segmentation/segment.js';
import { pageFinetuneHost } from './cases.js';
import { pageHost } from './host.js';

/**
 * A pretrained network, for features, correspondences and registration.
 * @param source a run such as `runs/xrays`, or a file of weights in the private file system
 * @throws InputError ('checkpoint') where nothing is found, ('weights') where the file cannot be used
 * @example
 * const network = await openNetwork('runs/xrays');
 * const features = await embed(network, await readInput(bytes, 'scan.png', network.model.config));
 */
export async function openNetwork(source: string, options: WebEngineOptions = {}): Promise<Network<Model>> {
  return createNetwork(modelOf(await weights(source)), hostOf(options));
}

/** A fine-tuned network that segments. @param source as for `openNetwork` @throws InputError as `openNetwork` does */
export async function openSegmenter(source: string, options: WebEngineOptions = {}): Promise<Segmenter> {
  return createSegmenter(finetunedOf(await weights(source)), hostOf(options));
}

/**
 * A segmenter by the labelled images of a folder of the private file system and a pretrained network, without a
 * training.
 * @param source as for `openNetwork`
 * @throws InputError ('data') for a folder of no known layout or labels that do not fit, ('config') for more cases than
 * there are
 * @example
 * const { segmenter } = await openAtlas('runs/xrays', { folder: 'data/lungs' });
 * const { labels } = await segment(segmenter, await readInput(bytes, 'scan.png', segmenter));
 */
export async function openAtlas(source: string, folder: AtlasFolder, options: WebEngineOptions = {}): Promise<Atlas> {
  const { assets } = options;
  const data = pageFinetuneHost(assets === undefined ? {} : { assets });
  return atlasOfFolder(modelOf(await weights(source)), folder, { data, network: hostOf(options) });
}

/** A fine-tuned network that classifies. @param source as for `openNetwork` @throws InputError as `openNetwork` does */
export async function openClassifier(source: string, options: WebEngineOptions = {}): Promise<Classifier> {
  return createClassifier(finetunedOf(await weights(source)), hostOf(options));
}

function hostOf(options: WebEngineOptions): NetworkHost {
  return {
    startEngine: () => startEngine({ device: 'cpu', ...options }),
    freeMemory: () => pageHost().freeMemory(),
  };
}

function weights(source: string) {
  return pageHost().readWeights(source);
}
