/** What is read is not written over. */
import { existsSync, realpathSync } from 'node:fs';
import { InputError } from '../core/errors.js';

/**
 * To be called before anything is computed.
 * @param read files that a command reads @param written those that it may write
 * @throws InputError ('file') naming the first that is both, by whatever path
 */
export function keepFiles(read: readonly (string | undefined)[], written: readonly string[]): void {
  const files = read.filter((path) => path !== undefined && existsSync(path)) as string[];
  const kept = new Map(files.map((path) => [realpathSync(path), path]));
  for (const path of written) {
    const own = existsSync(path) ? kept.get(realpathSync(path)) : undefined;
    if (own === undefined) continue;
    const name = own === path ? '' : `, which is ${own}`;
    throw new InputError(
      'file',
      `${path}: expected a place for results, found what is read${name}`,
      'Choose another folder with --out.',
    );
  }
}
