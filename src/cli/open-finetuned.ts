/** A fine-tuned network from whatever the user names. */
import { openClassifier, openSegmenter } from '../node/index.js';
import { loadFinetuned } from '../node/models.js';
import type { Classifier } from '../use/classification/classifier.js';
import type { Segmenter } from '../use/segmentation/segment.js';
import type { EngineFlags } from './options.js';

/** @param path a run folder, a checkpoint, an exported .safetensors, or an .onnx file of `cover export` */
export function openAnySegmenter(path: string, options: EngineFlags): Promise<Segmenter> {
  return openSegmenter(isOnnx(path) ? path : loadFinetuned(path), options);
}

/** @param path as for `openAnySegmenter` */
export function openAnyClassifier(path: string, options: EngineFlags): Promise<Classifier> {
  return openClassifier(isOnnx(path) ? path : loadFinetuned(path), options);
}

function isOnnx(path: string): boolean {
  return /\.onnx$/i.test(path);
}
