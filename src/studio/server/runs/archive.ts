/** A run as one file: the archive that a page, or another studio, takes. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { zipSync } from 'fflate';
import { refused } from '../refused.js';

/** The largest archive that is made, in bytes: it is in memory as a whole. */
const MOST = 2 ** 30;
/** What belongs to the studio, or to a process, and not to the run. */
const APART = new Set(['job.json', 'job.log', 'run.lock', 'cache']);

/**
 * The files of a run, not packed further: nearly all of them is weights. Links are passed over, since they lead out.
 * @param folder absolute
 * @throws Refused (409) where there is no run, (413) beyond the limit
 */
export function runArchive(folder: string): Uint8Array<ArrayBuffer> {
  const paths = filesOf(folder).sort();
  if (!paths.includes(join(folder, 'config.yaml')))
    throw refused(409, 'expected a run with its config.yaml, found none');
  const bytes = paths.reduce((sum, path) => sum + lstatSync(path).size, 0);
  if (bytes > MOST) throw refused(413, `expected a run of at most ${MOST} bytes, found ${bytes}: copy its folder`);
  const entries = paths.map((path) => [relative(folder, path).replaceAll('\\', '/'), readFileSync(path)] as const);
  return zipSync(Object.fromEntries(entries), { level: 0 });
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): string[] => {
    const path = join(folder, entry.name);
    if (APART.has(entry.name)) return [];
    return entry.isDirectory() ? filesOf(path) : entry.isFile() ? [path] : [];
  });
}
