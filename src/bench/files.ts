/** The images that segmenting and classifying read, the same for both programs: phantoms. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePhantoms } from '../phantom/index.js';
import { type BenchCase, readsFiles } from './cases.js';

/** The file of segmenting: an image of 512², a volume of 128 × 256 × 256. */
const WHOLE: Readonly<Record<2 | 3, readonly number[]>> = { 2: [512, 512], 3: [128, 256, 256] };
/** The files of classifying are resized by the reader. */
const CLASSIFIED = { count: 1000, size: [256, 256] };

/** A new folder with the files of a case, and what removes it; undefined where the case reads none. */
export async function filesOf({ kind, dims }: BenchCase): Promise<{ folder: string; remove(): void } | undefined> {
  if (!readsFiles(kind)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'cover-bench-'));
  const source = join(folder, 'phantoms');
  if (kind === 'classify') await writePhantoms(source, CLASSIFIED.count, { size: CLASSIFIED.size });
  else await writePhantoms(source, 1, { size: WHOLE[dims] });
  const wanted = join(folder, 'files');
  mkdirSync(wanted);
  for (const name of readdirSync(join(source, 'images'))) {
    const target = kind === 'classify' ? name : `image${name.slice(name.indexOf('.'))}`;
    renameSync(join(source, 'images', name), join(wanted, target));
  }
  return { folder: wanted, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
