/** The weights of a file by name, whichever of the formats it is in. */
import { InputError } from '../core/errors.js';
import { readPth, stateDictOf } from './pth.js';
import { readSafetensors } from './safetensors.js';
import { toFloat32 } from './stored.js';
import type { WeightFile } from './weight-file.js';

/** What a file of weights may be called. */
export const WEIGHT_EXTENSIONS = ['.safetensors', '.pth', '.pt', '.ckpt', '.bin'] as const;

/**
 * Every tensor of a safetensors file or a PyTorch checkpoint, as float32. Nothing that stands in a checkpoint is run.
 * @param source the file's name, whose ending tells the format
 * @throws InputError ('weights') when the ending is unknown or the bytes are not valid
 */
export function readWeights(bytes: Uint8Array, source: string): WeightFile {
  const extension = /\.[^./\\]*$/.exec(source)?.[0].toLowerCase() ?? '';
  checkExtension(source, extension);
  const { tensors, metadata } =
    extension === '.safetensors'
      ? readSafetensors(bytes, source)
      : { tensors: stateDictOf(readPth(bytes, source).root, source), metadata: {} };
  return { file: source, tensors: new Map([...tensors].map(([name, value]) => [name, toFloat32(value)])), metadata };
}

function checkExtension(source: string, extension: string): void {
  if ((WEIGHT_EXTENSIONS as readonly string[]).includes(extension)) return;
  throw new InputError(
    'weights',
    `${source}: expected a file of weights, found a name that ends with "${extension}"`,
    `Accepted endings: ${WEIGHT_EXTENSIONS.join(', ')}.`,
  );
}
