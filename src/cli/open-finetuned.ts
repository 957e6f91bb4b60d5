/** A fine-tuned network from whatever the user names. */
import {
  type Classifier,
  loadFinetuned,
  openClassifier,
  openOnnxClassifier,
  openOnnxSegmenter,
  openSegmenter,
  type Segmenter,
} from '../finetune/index.js';
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
