/** Networks of a page: from runs and files of weights in its private file system, on the page's engine. */
import { startEngine, type WebEngineOptions } from '../engine/web/index.js';
import { type Classifier, createClassifier } from '../use/classification/classifier.js';
import { finetunedOf } from '../use/finetuned-model.js';
import { type Model, modelOf } from '../use/model.js';
import { createNetwork, type Network, type NetworkHost } from '../use/network.js';
import { createSegmenter, type Segmenter } from '../use/segmentation/segment.js';
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
