/**
 * Which checkpoint "the run" names: the best where there is one, else the latest. The rule is the same wherever a run
 * is named; `last`, `best` or a step says otherwise.
 */
import { InputError } from '../core/errors.js';

export const BEST = 'best.safetensors';
/** What the name of a checkpoint that cannot be used ends with. */
export const DAMAGED = '.damaged';

const NAME = /^step-(\d{8})\.safetensors$/;

export type CheckpointChoice = 'best' | 'last' | number | null;

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}.safetensors`;
}

/** The step of a checkpoint's name; null for another name. */
export function stepOfName(name: string): number | null {
  const found = NAME.exec(name);
  return found ? Number(found[1]) : null;
}

/** The checkpoints of steps among the names of a folder, the oldest first. */
export function checkpointNames(names: readonly string[]): string[] {
  return names.filter((name) => NAME.test(name)).sort();
}

/** @throws InputError ('config') for anything but `best`, `last` and a whole number */
export function parseCheckpointChoice(text: string): CheckpointChoice {
  if (text === 'best' || text === 'last') return text;
  const step = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(step) && step >= 0) return step;
  throw new InputError('config', `--checkpoint ${text}: expected best, last or a step`, 'Example: --checkpoint last');
}

/**
 * The name of the checkpoint that a run stands for.
 * @param names what is in the folder of its checkpoints
 * @param run its path, for messages
 * @throws InputError ('checkpoint') when there is none of that kind; lists what there is
 */
export function chooseCheckpoint(names: readonly string[], run: string, choice: CheckpointChoice = null): string {
  const steps = checkpointNames(names);
  const wanted = typeof choice === 'number' ? checkpointName(choice) : choice === 'last' ? steps.at(-1) : BEST;
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  const latest = steps.at(-1);
  if (choice === null && latest) return latest;
  const found = [...(names.includes(BEST) ? ['best'] : []), ...steps.map((name) => `step ${stepOfName(name)}`)];
  const what = choice === null ? '' : typeof choice === 'number' ? ` of step ${choice}` : ` that is the ${choice}`;
  throw new InputError(
    'checkpoint',
    `${run}: expected a checkpoint${what}, found ${found.join(', ') || 'none'}`,
    found.length > 0
      ? 'Choose one of these with --checkpoint.'
      : 'Name the folder of a run that has written a checkpoint.',
  );
}
