/** What is in a folder of the data, for choosing one: its folders, images and volumes; nothing that is hidden. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compareNames } from '../../../core/names.js';
import { isImageName, isVolumeName } from '../../../data/index.js';
import { isSeriesFolder } from '../../../data/labelled/layouts/files-by-id.js';
import type { FolderEntry, FolderListing } from '../../shared/protocol.js';
import { existingPath } from '../paths.js';
import { refused } from '../refused.js';

const LISTED = 2000;

/** @throws Refused where the path leads out of the data or is no folder */
export function listFolder(root: string, path: string): FolderListing {
  const folder = existingPath(root, path);
  let names: { name: string; folder: boolean }[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
  } catch {
    throw refused(404, `${path}: expected a folder that can be read`);
  }
  const below = path === '' || path === '.' ? '' : `${path}/`;
  const entries = names.flatMap(({ name, folder: isFolder }): FolderEntry[] => {
    const kind = isFolder ? 'folder' : isImageName(name) ? 'image' : isVolumeName(name) ? 'volume' : undefined;
    const series = isFolder && isSeriesFolder(join(folder, name));
    return kind ? [{ name, path: below + name, kind, ...(series ? { series } : {}) }] : [];
  });
  entries.sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name));
  return { path: path || '.', entries: entries.slice(0, LISTED), more: Math.max(0, entries.length - LISTED) };
}

function rank({ kind }: FolderEntry): number {
  return kind === 'folder' ? 0 : 1;
}
