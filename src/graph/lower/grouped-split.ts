/**
 * A split into many parts, in groups: a WebGPU shader binds 8 buffers, of which one is read and the others are parts.
 */
import type { Value } from '../graph.js';
import { split } from '../ops/arrange.js';

const PARTS = 7;

export function splitInGroups(x: Value, extents: readonly number[], axis: number): readonly Value[] | undefined {
  if (extents.length <= PARTS) return undefined;
  const width = Math.ceil(extents.length / PARTS);
  const groups: (readonly number[])[] = [];
  for (let first = 0; first < extents.length; first += width) groups.push(extents.slice(first, first + width));
  const sums = groups.map((group) => group.reduce((a, b) => a + b, 0));
  return split(x, sums, axis).flatMap((part, index) => split(part, groups[index]!, axis));
}
