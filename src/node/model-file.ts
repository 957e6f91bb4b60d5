/** The file that the path of a network stands for: the path itself, or of a run folder one of its checkpoints. */
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { entriesIn, isEntry, isFolder, statsOf } from '../data/stats.js';
import { type CheckpointChoice, chooseCheckpoint } from '../train/checkpoint-choice.js';

/**
 * @param path a run folder, or a file of weights
 * @param choice which checkpoint of a run; the best where there is one, else the latest, where null
 * @throws InputError ('checkpoint') where nothing is found, or the run has no such checkpoint
 */
export function modelFile(path: string, choice: CheckpointChoice = null): string {
  const stats = statsOf(path);
  if (!stats) {
    throw new InputError(
      'checkpoint',
      `${path}: expected a run folder or a file of weights, found nothing ${isEntry(path) ? 'that can be opened' : 'of that name'}`,
      'Check the path, the folder that it starts from, and its permissions.',
    );
  }
  if (!stats.isDirectory()) return path;
  const folder = join(path, 'checkpoints');
  const names = isFolder(folder) ? entriesIn(folder).map(({ name }) => name) : [];
  return join(folder, chooseCheckpoint(names, path, choice));
}
