/** The weights of a file by name, whichever of the formats it is in. */
import { extname } from 'node:path';
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { loadPth, stateDictOf } from './pth.js';
import { loadSafetensors } from './safetensors.js';
import { toFloat32 } from './stored.js';

/** What a file of weights may be called. */
export const WEIGHT_EXTENSIONS = ['.safetensors', '.pth', '.pt', '.ckpt', '.bin'] as const;

/**
 * Every tensor of a safetensors file or a PyTorch checkpoint, as float32. Nothing that stands in a checkpoint is run.
 * @throws InputError ('weights') when the ending is unknown, the file cannot be read or is not valid
 * @example loadWeights('pretrained.pth').get('backbone.inc.double_conv.0.weight')?.shape // [32, 1, 3, 3]
 */
export function loadWeights(path: string): Map<string, Tensor> {
  const extension = extname(path).toLowerCase();
  if (!(WEIGHT_EXTENSIONS as readonly string[]).includes(extension)) {
    throw new InputError(
      'weights',
      `${path}: expected a file of weights, found a name that ends with "${extension}"`,
      `Accepted endings: ${WEIGHT_EXTENSIONS.join(', ')}.`,
    );
  }
  const stored = extension === '.safetensors' ? loadSafetensors(path).tensors : stateDictOf(loadPth(path).root, path);
  return new Map([...stored].map(([name, value]) => [name, toFloat32(value)]));
}
