/** The error of a file that ends before its image does: its own type, because such a file can be copied again. */
import { InputError } from '../../core/errors.js';

/** An image file that ends before its image does. */
export class TruncatedImageError extends InputError {}

/** A file of `expected` bytes or parts, in words, of which `found` is there. */
export function truncatedImage(path: string, expected: string, found: string, cause?: unknown): TruncatedImageError {
  return new TruncatedImageError(
    'image',
    `${path}: expected ${expected}, found ${found}`,
    'The file is cut short: copy or download it again.',
    { cause },
  );
}
