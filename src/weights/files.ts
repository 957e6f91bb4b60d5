/** Files of weights on the disk. */
import type { Tensor } from '../core/tensor.js';
import { type PthFile, readPth } from './pth.js';
import { readWeights } from './read.js';
import { readWeightsFile } from './read-file.js';
import { readSafetensors, type SafetensorsFile } from './safetensors.js';
import type { WeightFile } from './weight-file.js';

/**
 * Every tensor of a safetensors file or a PyTorch checkpoint, as float32. Nothing that stands in a checkpoint is run.
 * @throws InputError ('weights') when the ending is unknown, the file cannot be read or is not valid
 * @example loadWeights('pretrained.pth').get('backbone.inc.double_conv.0.weight')?.shape // [32, 1, 3, 3]
 */
export function loadWeights(path: string): ReadonlyMap<string, Tensor> {
  return readWeights(readWeightsFile(path), path).tensors;
}

/** The same with what the file says beside its tensors. */
export function loadWeightFile(path: string): WeightFile {
  return readWeights(readWeightsFile(path), path);
}

/** @throws InputError ('weights') when the file cannot be read or is not valid safetensors */
export function loadSafetensors(path: string): SafetensorsFile {
  return readSafetensors(readWeightsFile(path), path);
}

/**
 * @throws InputError ('weights') when the file cannot be read or is not valid, or names Python code beyond tensors and
 * OrderedDict; nothing is run in any case
 */
export function loadPth(path: string): PthFile {
  return readPth(readWeightsFile(path), path);
}
