/** How many axes the images of a folder have: which networks fit, and which views. */
import type { FolderEntry, RunSummary } from '../../shared/protocol';
import { at } from '../place/places';

/** An image, or a volume as a file or as a folder of slices. */
export function isData({ kind, series }: FolderEntry): boolean {
  return kind !== 'folder' || series === true;
}

/**
 * 2 for images, 3 for volumes, both where there are both; none where there is neither.
 * @param folder the address of a folder, which may have its images in `images/`
 */
export async function axesOf(folder: string): Promise<number[]> {
  const { place, name } = at(folder);
  const { entries } = await place.folder(name);
  const below = entries.find(({ name, kind }) => name === 'images' && kind === 'folder');
  const data = (below ? (await place.folder(below.path)).entries : entries).filter(isData);
  return [...new Set(data.map(({ kind }) => (kind === 'image' ? 2 : 3)))];
}

/**
 * A pretraining with a checkpoint, for images of as many extents (of slices for volumes, too), or an earlier training
 * of the project.
 */
export function usable(run: RunSummary, nd: number, own: readonly string[] = []): boolean {
  if (run.state === 'broken' || run.step === 0) return false;
  return own.includes(run.id) || (run.kind === 'pretraining' && ((run.nd ?? nd) === nd || (run.slices && nd === 3)));
}
