import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SiteFiles } from './docs/pages.js';

/** All files of a folder; none where there is no such folder. */
export function folderFiles(folder: string, prefix = ''): SiteFiles {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const own = names.filter((name) => statSync(join(folder, name)).isFile()).sort();
  return new Map(own.map((name) => [prefix + name, readFileSync(join(folder, name))]));
}
