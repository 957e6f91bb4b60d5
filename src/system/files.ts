/**
 * Writing that leaves nothing half done: a whole file goes to a temporary name beside the target, is flushed to the
 * disk and then renamed; a line that cannot be appended whole is taken back.
 */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../core/errors.js';

/**
 * Writes a whole file atomically and makes its folder where needed.
 * @param content text, bytes, or the parts of the file one after the other, which spares a copy of all of it
 * @throws InputError when the folder cannot be written or the disk is full; an older file of that name stays as it was.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const whole = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const parts = whole instanceof Uint8Array ? [whole] : whole;
  replaceFile(path, (temporary) => {
    const file = openSync(temporary, 'w');
    try {
      for (const part of parts) writeAll(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/** Makes `path` a copy of a file, atomically, as `writeFileAtomic` writes. */
export function copyFileAtomic(source: string, path: string): void {
  replaceFile(path, (temporary) => {
    copyFileSync(source, temporary);
    const file = openSync(temporary, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/** Lets `write` make a temporary file beside the target, then gives it the target's name. */
function replaceFile(path: string, write: (temporary: string) => void): void {
  // Processes of several hosts, which may have one number, may write one file on a shared file system.
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    try {
      write(temporary);
      renameSync(temporary, path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw cause;
    }
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/**
 * Makes a folder where there is none.
 * @returns whether it was made
 * @throws InputError ('file') where that cannot be
 */
export function ensureFolder(path: string): boolean {
  try {
    return mkdirSync(path, { recursive: true }) !== undefined;
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/**
 * Checks that a folder can be written to, or made, before anything is computed for it. Makes nothing.
 * @throws InputError ('file') where it cannot
 */
export function checkFolder(path: string): void {
  try {
    let place = resolve(path);
    let stats = statSync(place, { throwIfNoEntry: false });
    while (!stats && dirname(place) !== place) {
      place = dirname(place);
      stats = statSync(place, { throwIfNoEntry: false });
    }
    if (stats && !stats.isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** The same for a file. @throws InputError ('file') where it cannot be written, or a folder is there */
export function checkPlaceOf(path: string): void {
  checkFolder(dirname(path));
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw fileError(path, cause);
  }
  if (stats?.isDirectory()) throw fileError(path, Object.assign(new Error('a folder'), { code: 'EISDIR' }));
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
}

/**
 * Appends a line to a text file and makes the file where needed.
 * @throws InputError when the folder cannot be written or the disk is full; the lines before stay as they were.
 */
export function appendLine(path: string, line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  try {
    const file = openSync(path, 'a');
    const { size } = fstatSync(file);
    try {
      writeAll(file, bytes);
    } catch (cause) {
      ftruncateSync(file, size);
      throw cause;
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** Removes what writers that were killed left in a folder. */
export function removeTemporaryFiles(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (/\.[\da-f]+\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}

const NO_PLACE: Readonly<Record<string, string>> = {
  EISDIR: 'expected a place for a file, found a folder',
  ELOOP: 'expected a path that can be written, found a link that leads to itself',
  ENAMETOOLONG: 'expected a path that can be written, found one that is too long',
  ERR_INVALID_ARG_VALUE: 'expected a path that can be written, found a NUL byte in it',
};

/** What went wrong with a file or its folder, and what to do. */
export function fileError(path: string, cause: unknown): InputError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC') {
    return new InputError(
      'file',
      `${path}: the disk is full`,
      'Free some space or choose another folder; what was written before is whole.',
      { cause },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new InputError('file', `${path}: this folder cannot be written`, 'Choose a folder that you may write to.', {
      cause,
    });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new InputError('file', `${path}: a part of this path is a file, not a folder`, 'Choose another folder.', {
      cause,
    });
  }
  const known = code === undefined ? undefined : NO_PLACE[code];
  if (known) return new InputError('file', `${path}: ${known}`, 'Choose another path.', { cause });
  return new InputError('file', `${path}: could not be written (${(cause as Error).message})`, undefined, { cause });
}
