/**
 * Paths that come from the page stay within the folder that was given on the command line: no `..`, nothing absolute,
 * no other way of writing a separator, and no link that leads out of it.
 */
import { realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { refused } from './refused.js';

/**
 * @param root the folder that the path stays within
 * @param path parts with `/` between them; empty or `.` for the root itself
 * @returns the absolute path, with links followed
 * @throws Refused (400) for a path of another form, (403) for one that leads out, (404) where nothing is there
 */
export function existingPath(root: string, path: string): string {
  const wanted = join(root, ...partsOf(path));
  const real = followed(wanted);
  if (real === undefined) throw refused(404, `${path}: expected a file or a folder, found nothing of that name`);
  return within(root, real, path);
}

/** The same for a path that is about to be written: the nearest folder that is there must lie within the root. */
export function newPath(root: string, path: string): string {
  const wanted = join(root, ...partsOf(path));
  let near = wanted;
  let real = followed(near);
  while (real === undefined && near !== dirname(near)) {
    near = dirname(near);
    real = followed(near);
  }
  return join(within(root, real ?? root, path), relative(near, wanted));
}

/** The path of something below a root as the page names it. */
export function pathBelow(root: string, path: string): string {
  return relative(realpathSync(root), path).split(sep).join('/') || '.';
}

function partsOf(path: string): string[] {
  if (path === '' || path === '.') return [];
  const parts = path.split('/');
  const strange = /[\0\\]/.test(path) || /^[a-zA-Z]:/.test(path);
  if (!strange && parts.every((part) => part !== '' && part !== '.' && part !== '..')) return parts;
  throw refused(400, 'expected a path below the folder, of plain names with / between them');
}

function within(root: string, real: string, path: string): string {
  const base = realpathSync(root);
  if (real === base || real.startsWith(base.endsWith(sep) ? base : base + sep)) return real;
  throw refused(403, `${path}: this leads out of the folder that the studio was given`);
}

function followed(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
