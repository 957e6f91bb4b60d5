/** A fine-tuned network from whatever the user names. */
import { type NetworkOptions, openClassifier, openSegmenter } from '../node/index.js';
import { loadFinetuned } from '../node/models.js';
import type { Classifier } from '../use/classification/classifier.js';
import type { FinetunedModel } from '../use/finetuned-model.js';
import type { Segmenter } from '../use/segmentation/segment.js';
import { type CheckpointFlags, chosenOf } from './checkpoint-option.js';
import type { EngineFlags } from './options.js';

/** @param path a run folder, a checkpoint, an exported .safetensors, or an .onnx file of `cover export` */
export function openAnySegmenter(path: string, options: EngineFlags & CheckpointFlags): Promise<Segmenter> {
  return openSegmenter(networkIn(path, options), options);
}

/** @param path as for `openAnySegmenter` */
export function openAnyClassifier(
  path: string,
  options: EngineFlags & CheckpointFlags & Pick<NetworkOptions, 'images'>,
): Promise<Classifier> {
  return openClassifier(networkIn(path, options), options);
}

/** The path of an ONNX file as it is, anything else read. */
function networkIn(path: string, options: CheckpointFlags): FinetunedModel | string {
  const choice = chosenOf(path, options);
  return /\.onnx$/i.test(path) ? path : loadFinetuned(path, choice);
}
