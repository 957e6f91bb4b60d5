/** What to say of a file that cannot be opened. */
import { InputError } from '../core/errors.js';

/**
 * @param expected what the path was to be, in words
 * @param cause the error of the file system
 */
export function unreadable(path: string, expected: string, cause: unknown): InputError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const found = FOUND[code ?? ''] ?? message;
  return new InputError(
    'image',
    `${path}: expected ${expected}, found ${found}`,
    'Check the path and its permissions.',
    { cause },
  );
}

const FOUND: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'a folder',
  EACCES: 'a file that may not be read',
};
