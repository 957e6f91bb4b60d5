/** Named settings of a training. */
import { InputError } from '../../core/errors.js';
import type { Plain } from './read.js';

export type Presets = Readonly<Record<string, Readonly<Plain>>>;

/** What a preset sets. @throws InputError ('config') for a name that is none, with those that there are */
export function presetNamed(presets: Presets, name: string): Readonly<Plain> {
  if (Object.hasOwn(presets, name)) return presets[name]!;
  const names = Object.keys(presets).join(', ');
  throw new InputError('config', `there is no preset "${name}"`, `The presets are: ${names}.`);
}
