/** Which images are held out where nothing says so. */
import { permutation, randomStream } from '../core/random.js';

const MOST_VALIDATION = 64;

/** Draws the validation images; at least one image stays for training. */
export function drawValidation(
  files: readonly string[],
  seed: number,
  share: number,
): { readonly train: string[]; readonly validation: string[] } {
  const wanted = share === 0 ? 0 : Math.min(MOST_VALIDATION, Math.max(1, Math.round(files.length * share)));
  const count = Math.min(wanted, files.length - 1);
  const drawn = new Set(permutation(files.length, randomStream(seed, 'validation split')).slice(0, count));
  return {
    train: files.filter((_, index) => !drawn.has(index)),
    validation: files.filter((_, index) => drawn.has(index)),
  };
}
