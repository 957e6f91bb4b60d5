/** `--checkpoint`: which checkpoint of a run a command takes. */
import { InvalidArgumentError, Option } from 'commander';
import { InputError } from '../core/errors.js';
import { isFolder } from '../data/stats.js';
import { type CheckpointChoice, parseCheckpointChoice } from '../train/checkpoint-choice.js';

export interface CheckpointFlags {
  readonly checkpoint?: CheckpointChoice;
}

export const checkpointOption = () =>
  new Option('--checkpoint <name>', 'of a run: best, last or a step (default: the best, else the last)').argParser(
    (text) => {
      try {
        return parseCheckpointChoice(text);
      } catch (error) {
        throw new InvalidArgumentError((error as Error).message.split('\n')[0]!.replace(/^.*?: /, 'It '));
      }
    },
  );

/** @throws InputError ('config') where a checkpoint is chosen of something that is no run */
export function chosenOf(path: string, { checkpoint = null }: CheckpointFlags): CheckpointChoice {
  if (checkpoint === null || isFolder(path)) return checkpoint;
  throw new InputError(
    'config',
    `${path}: expected a run folder beside --checkpoint, found a file`,
    'A file holds one network: leave out --checkpoint.',
  );
}
