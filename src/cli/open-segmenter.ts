/** A network for segmentation from whatever the user names. */
import { loadFinetuned, openSegmenter, type Segmenter } from '../downstream/index.js';
import { openOnnxSegmenter } from '../downstream/segmentation/onnx-file.js';
import type { EngineFlags } from './options.js';

/** @param path a run folder, a checkpoint, an exported .safetensors, or an .onnx file of `cover export` */
export function openAnySegmenter(path: string, options: EngineFlags): Promise<Segmenter> {
  return /\.onnx$/i.test(path) ? openOnnxSegmenter(path, options) : openSegmenter(loadFinetuned(path), options);
}
