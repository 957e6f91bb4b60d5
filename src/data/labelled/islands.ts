/**
 * Islands: connected components of a mask that are smaller than half of its largest one. Where every label of a class
 * is one component, they are mistakes (nnU-Net removes all but the largest: Isensee and others, Nature Methods 2021).
 * Pixels are neighbours where they share a side, an edge or a corner.
 */
import { holds } from '../../core/label-sets.js';
import { sizeOf, stridesOf } from '../../core/tensor.js';
import type { Labels } from './labels.js';

/** The share of a label that its largest component must have, so that a stray pixel does not decide. */
const SINGLE = 0.99;

/** Where none of so many labels is in several components, fewer than 26 % of all are (with a confidence of 95 %). */
const FEWEST = 10;

/** A component of at least this share of the largest one stays: it may be the other half of what fell apart. */
const STAYS = 0.5;

/** A mask in stretches along the last axis, each of a component. */
interface Stretches {
  readonly starts: readonly number[];
  /** The place after the last one. */
  readonly ends: readonly number[];
  /** Which component each belongs to: the index of one of its stretches. */
  readonly components: readonly number[];
  /** Pixels of each component, by that index. */
  readonly sizes: ReadonlyMap<number, number>;
}

/**
 * The classes that are in one component wherever they are labelled, in ten images at least: of a few lesions each may
 * be the only one by chance.
 * @param cases labels of all images that are known
 * @param classes how many there are, with the background, which is not asked about
 */
export function singleComponents(cases: readonly Labels[], classes: number): number[] {
  const labels = Array.from({ length: classes - 1 }, (_, index) => index + 1);
  return labels.filter((label) => {
    const shares = cases.map((one) => largestShare(one, label)).filter((share) => share !== null);
    return shares.length >= FEWEST && shares.every((share) => share >= SINGLE);
  });
}

/** The share of the largest component; null where the class is not labelled. */
function largestShare(labels: Labels, label: number): number | null {
  const { sizes } = stretchesOf(labels, label);
  if (sizes.size === 0) return null;
  return largestOf(sizes) / [...sizes.values()].reduce((sum, size) => sum + size);
}

/** There may be too many components for the arguments of a call. */
function largestOf(sizes: Stretches['sizes']): number {
  return [...sizes.values()].reduce((most, size) => Math.max(most, size));
}

/** Takes the islands from these classes, in place. */
export function removeIslands(labels: Labels, classes: readonly number[]): void {
  const { data, sets = false } = labels;
  for (const label of classes) {
    const { starts, ends, components, sizes } = stretchesOf(labels, label);
    if (sizes.size < 2) continue;
    const most = largestOf(sizes);
    const others = sets ? ~(1 << (label - 1)) : 0;
    for (const [index, component] of components.entries()) {
      if (sizes.get(component)! >= STAYS * most) continue;
      for (let at = starts[index]!; at < ends[index]!; at++) data[at]! &= others;
    }
  }
}

function stretchesOf({ shape, data, sets = false }: Labels, label: number): Stretches {
  const has = holds(label, sets);
  // 255 is no set of classes, but that of a pixel of none.
  const inside = (value: number) => has(value) && !(sets && value === 255);
  const width = shape.at(-1)!;
  const rows = rowNeighbours(shape.slice(0, -1));
  const [starts, ends, parents]: [number[], number[], number[]] = [[], [], []];
  /** The first stretch of each row. */
  const firsts = new Uint32Array(sizeOf(shape) / width + 1);
  const rootOf = (index: number): number => {
    let at = index;
    while (parents[at] !== at) at = parents[at] = parents[parents[at]!]!;
    return at;
  };
  for (let row = 0; row < firsts.length - 1; row++) {
    firsts[row] = starts.length;
    const end = (row + 1) * width;
    for (let at = row * width; at < end; at++) {
      if (!inside(data[at]!)) continue;
      parents.push(starts.length);
      starts.push(at);
      while (at < end && inside(data[at]!)) at++;
      ends.push(at);
    }
    firsts[row + 1] = starts.length;
    for (const before of rows(row)) {
      const shift = (row - before) * width;
      let [own, other] = [firsts[row]!, firsts[before]!];
      while (own < starts.length && other < firsts[before + 1]!) {
        const [start, stop] = [starts[other]! + shift, ends[other]! + shift];
        if (starts[own]! <= stop && start <= ends[own]!) parents[rootOf(own)] = rootOf(other);
        if (ends[own]! < stop) own++;
        else other++;
      }
    }
  }
  const components = starts.map((_, index) => rootOf(index));
  const sizes = new Map<number, number>();
  components.forEach((component, index) => {
    sizes.set(component, (sizes.get(component) ?? 0) + ends[index]! - starts[index]!);
  });
  return { starts, ends, components, sizes };
}

/** Which rows before a row touch it; rows lie along the last axis, and are counted over the others. */
function rowNeighbours(extents: readonly number[]): (row: number) => number[] {
  const strides = stridesOf(extents);
  let steps: number[][] = [[]];
  for (const _ of extents) steps = steps.flatMap((step) => [-1, 0, 1].map((by) => [...step, by]));
  // In the order of the rows: those before come first.
  const before = steps.slice(0, (steps.length - 1) / 2);
  return (row) =>
    before.flatMap((step) => {
      let other = row;
      for (const [axis, by] of step.entries()) {
        const at = Math.floor(row / strides[axis]!) % extents[axis]!;
        if (at + by < 0 || at + by >= extents[axis]!) return [];
        other += by * strides[axis]!;
      }
      return [other];
    });
}
