/** Which networks take what lies in a folder: one that saw images takes images, one that saw volumes volumes. */
import type { RunSummary } from '../../shared/protocol';
import { dataOf } from '../place/data-of';

/**
 * 2 for images, 3 for volumes, both where there are both; none where there is neither.
 * @param folder the address of a folder
 */
export async function axesOf(folder: string): Promise<number[]> {
  const { entries } = await dataOf(folder);
  return [...new Set(entries.map(({ kind }) => (kind === 'image' ? 2 : 3)))];
}

/**
 * A pretraining with a checkpoint, for images of as many extents (of slices for volumes, too), or an earlier training
 * of the project.
 */
export function usable(run: RunSummary, nd: number, own: readonly string[] = []): boolean {
  if (run.state === 'broken' || run.step === 0) return false;
  return own.includes(run.id) || (run.kind === 'pretraining' && ((run.nd ?? nd) === nd || (run.slices && nd === 3)));
}
