/**
 * Parameters in groups. A group learns as a whole: it has a learning rate and a count of steps of its own, or stays as
 * it is to the bit. Pretraining has one group, fine-tuning two: the backbone and the head.
 */
import type { ParameterSpec, Parameters } from '../nn/index.js';

/** In the order in which they are written down. */
export type ParameterGroups = Readonly<Record<string, readonly ParameterSpec[]>>;

/** How a group learns in a step: its rate, and how many steps it has learned, this one included. */
export interface GroupStep {
  readonly rate: number;
  readonly step: number;
}

/** The groups that learn in a step. */
export type Learning = Readonly<Record<string, GroupStep>>;

/** Flat vectors by group and part, such as `head.theta` and `head.firstMoment`. A part that is absent is zero. */
export type State = ReadonlyMap<string, Float32Array>;

/** The name of a part of a group's state. */
export function partName(group: string, part: string): string {
  return `${group}.${part}`;
}

export function specsOfGroups(groups: ParameterGroups): ParameterSpec[] {
  return Object.values(groups).flat();
}

/** The parameters of all groups by their names. */
export function joinParameters(parts: Iterable<Parameters>): Parameters {
  return new Map([...parts].flatMap((part) => [...part]));
}
