/** The network that the trainings of a project begin with. */
import type { Project } from '../shared/protocol.js';
import { Conflict } from './conflict.js';

/** A training that begins with no other network. */
export const SCRATCH = 'scratch';

/**
 * The pretraining that a project begins with, whose features say how alike images are; null where it begins from
 * scratch, or goes on from a training of its own.
 */
export function pretrainingOf({ from, runs }: Pick<Project, 'from' | 'runs'>): string | null {
  return from === SCRATCH || runs.includes(from) ? null : from;
}

/** @throws Conflict ('config') where the project begins with no pretrained network */
export function requirePretraining(name: string, record: Pick<Project, 'from' | 'runs'>): string {
  const pretraining = pretrainingOf(record);
  if (pretraining !== null) return pretraining;
  throw new Conflict(
    'config',
    `${name}: expected a project that begins with a pretrained network, found one without`,
    'Choose one under Begins with: features of images come from it.',
  );
}
