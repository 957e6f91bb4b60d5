/** The two ways a DICOM file is turned down: it is not what can be read, or it ends before its pixels do. */
import { InputError } from '../../../core/errors.js';
import { TruncatedImageError } from '../truncated.js';

/** An `InputError` that names the file, what was expected, what was found and what to do next. */
export function refuse(source: string, expected: string, found: string, hint: string, cause?: unknown): InputError {
  return new InputError('image', `${source}: expected ${expected}, found ${found}`, hint, { cause });
}

/** The error for pixels that are missing from the end of a file. */
export function cutShort(source: string, expected: string, found: string, cause?: unknown): TruncatedImageError {
  return new TruncatedImageError(
    'image',
    `${source}: expected ${expected}, found ${found}`,
    'The file is cut short or damaged: copy or export it again.',
    { cause },
  );
}
