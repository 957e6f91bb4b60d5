/** What to say of a file that cannot be opened. */
import { type ErrorCode, InputError } from '../core/errors.js';

/**
 * @param expected what the path was to be, in words
 * @param cause the error of the file system
 */
export function unreadable(path: string, expected: string, cause: unknown, code: ErrorCode = 'image'): InputError {
  return new InputError(
    code,
    `${path}: expected ${expected}, found ${foundInstead(cause)}`,
    'Check the path and its permissions.',
    { cause },
  );
}

/** What stands at a path that the file system would not open, in words. */
export function foundInstead(cause: unknown): string {
  const { code, message } = cause as Error & { readonly code?: string };
  return FOUND[code ?? ''] ?? message;
}

const FOUND: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'a folder',
  EACCES: 'a file that may not be read',
  EPERM: 'a file that may not be read',
  ELOOP: 'a link that leads to itself',
  ENAMETOOLONG: 'a path that is too long',
  ERR_INVALID_ARG_VALUE: 'a path with a NUL byte',
};
