/** Reads a whole file of weights, and says what is wrong with the path where it cannot. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { foundInstead } from '../image/unreadable.js';

/** One read call takes at most 2 GiB; larger files are read in pieces of this many bytes. */
const PIECE = 1 << 28;

/**
 * The bytes of a file.
 * @throws InputError ('weights') when the file is missing, is not a regular file, cannot be read or does not fit in
 * memory.
 */
export function readWeightsFile(path: string): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const stat = fstatSync(file);
    if (!stat.isFile()) {
      throw new InputError(
        'weights',
        `${path}: expected a file of weights, found something else (a folder?)`,
        'Give the path of the file itself.',
      );
    }
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(file, bytes, length, Math.min(PIECE, bytes.length - length), null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } catch (cause) {
    throw cause instanceof InputError ? cause : readError(path, cause);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readError(path: string, cause: unknown): InputError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return new InputError('weights', `${path}: no such file`, 'Check the path, and the folder that it starts from.', {
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new InputError(
      'weights',
      `${path}: this file may not be read`,
      'Change its permissions or choose another.',
      { cause },
    );
  }
  return new InputError(
    'weights',
    `${path}: expected a file of weights, found ${foundInstead(cause)}`,
    'Check the path, and the folder that it starts from.',
    { cause },
  );
}
