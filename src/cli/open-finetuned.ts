/** A fine-tuned network from whatever the user names. */

import { loadFinetuned } from '../node/models.js';
import { type Classifier, openClassifier, openOnnxClassifier } from '../use/classification/classifier.js';
import { openOnnxSegmenter, openSegmenter, type Segmenter } from '../use/segmentation/segment.js';
import type { EngineFlags } from './options.js';

/** @param path a run folder, a checkpoint, an exported .safetensors, or an .onnx file of `cover export` */
export function openAnySegmenter(path: string, options: EngineFlags): Promise<Segmenter> {
  return isOnnx(path) ? openOnnxSegmenter(path, options) : openSegmenter(loadFinetuned(path), options);
}

/** @param path as for `openAnySegmenter` */
export function openAnyClassifier(path: string, options: EngineFlags): Promise<Classifier> {
  return isOnnx(path) ? openOnnxClassifier(path, options) : openClassifier(loadFinetuned(path), options);
}

function isOnnx(path: string): boolean {
  return /\.onnx$/i.test(path);
}
