/** Labels beside volumes: `labels/<id>.*` next to `images/<id>.*` must lie on the grid of its volume. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { faultOf } from '../core/errors.js';
import { readVolume } from '../image/files.js';
import { sameGrid, spacingOf, type Volume } from '../image/index.js';
import { isVolumeName, stemOf } from './kinds.js';

/** The label file of a volume in a folder `images`; undefined where there is none. */
export function labelOf(file: string): string | undefined {
  const folder = join(dirname(dirname(file)), 'labels');
  if (basename(dirname(file)) !== 'images' || !existsSync(folder)) return undefined;
  const name = readdirSync(folder).find((entry) => isVolumeName(entry) && stemOf(entry) === stemOf(file));
  return name && join(folder, name);
}

/** What is wrong with the labels of a volume, in a sentence; undefined where they fit or there are none. */
export async function labelProblem(file: string, stored: Volume): Promise<string | undefined> {
  const path = labelOf(file);
  if (!path) return undefined;
  try {
    const labels = await readVolume(path);
    if (sameGrid(labels, stored)) return undefined;
    const differs = labels.shape.join() === stored.shape.join() ? 'at another place or spacing' : 'of another size';
    const describe = (volume: Volume) =>
      `${volume.shape.join(' × ')} of ${spacingOf(volume).map(rounded).join(' × ')} mm`;
    return `labels/${basename(path)} is ${differs}: ${describe(labels)}, the volume ${describe(stored)}`;
  } catch (error) {
    return `labels/${basename(path)} cannot be read: ${faultOf(error, path)}`;
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
