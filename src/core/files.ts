/**
 * Writing that leaves nothing half done: a whole file goes to a temporary name beside the target, is flushed to the disk and
 * then renamed; a line that cannot be appended whole is taken back.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from './errors.js';

/**
 * Writes a whole file atomically and makes its folder where needed.
 * @throws InputError when the folder cannot be written or the disk is full; an older file of that name stays as it was.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  let opened = false;
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, 'w');
    opened = true;
    try {
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    if (opened) rmSync(temporary, { force: true });
    throw fileError(path, cause);
  }
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
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
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
    if (/\.\d+\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}

function fileError(path: string, cause: unknown): InputError {
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
  return new InputError('file', `${path}: could not be written (${(cause as Error).message})`, undefined, { cause });
}
