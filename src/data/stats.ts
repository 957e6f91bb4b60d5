/** What stands at a path, and what is in a folder. */
import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { foundInstead } from '../image/unreadable.js';

/**
 * Undefined where nothing stands there or it cannot be reached: links that lead to themselves, folders that may not be
 * entered.
 */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() ?? false;
}

export function isFile(path: string): boolean {
  return statsOf(path)?.isFile() ?? false;
}

/**
 * Whether anything stands there, a link that leads nowhere too: what is meant and cannot be read is not passed over.
 */
export function isEntry(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The entries of a folder. @throws InputError ('data') where it cannot be read */
export function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw unreadableFolder(folder, cause);
  }
}

export function unreadableFolder(folder: string, cause: unknown): InputError {
  const denied = ['EACCES', 'EPERM'].includes((cause as NodeJS.ErrnoException).code ?? '');
  const found = denied ? 'one that may not be read' : statsOf(folder)?.isFile() ? 'a file' : foundInstead(cause);
  return new InputError(
    'data',
    `${folder}: expected a folder that can be read, found ${found}`,
    'Check the path and its permissions.',
    { cause },
  );
}
