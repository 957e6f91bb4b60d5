/**
 * Helpers of the tests: the stored references, random masks and a definition of the surface distances without a
 * shortcut.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Random } from '../core/random.js';
import { sizeOf, stridesOf } from '../core/tensor.js';
import type { LabelMap } from './label-map.js';

/** A file of `golden-data/metrics`. Each has a note that says how its values were computed. */
export function reference<Case>(name: string): readonly Case[] {
  const path = new URL(`../../golden-data/metrics/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')).cases;
}

/** Agrees to 1e-6, or both are undefined. */
export function close(found: number | null, expected: number | null, what = '', tolerance = 1e-6): void {
  if (expected === null || found === null) assert.equal(found, expected, what);
  else assert.ok(Math.abs(found - expected) <= tolerance, `${what}: expected ${expected}, found ${found}`);
}

/** Labels 0 … `labels` − 1 with many of label 0. */
export function randomLabels(shape: readonly number[], labels: number, random: Random): Uint8Array {
  const share = random.uniform(0.1, 0.9);
  return Uint8Array.from({ length: sizeOf(shape) }, () => (random.uniform() < share ? 0 : random.integer(0, labels)));
}

/** The places of the surface voxels of one label, in mm, one by one. */
export function surfacePoints({ data, shape, spacing }: LabelMap, label: number): number[][] {
  const strides = stridesOf(shape);
  const points: number[][] = [];
  for (let index = 0; index < data.length; index++) {
    if (data[index] !== label) continue;
    const place = shape.map((extent, axis) => Math.floor(index / strides[axis]!) % extent);
    const open = place.some((at, axis) =>
      [-1, 1].some((step) => {
        const to = at + step;
        return to < 0 || to >= shape[axis]! || data[index + step * strides[axis]!] !== label;
      }),
    );
    if (open) points.push(place.map((at, axis) => at * spacing[axis]!));
  }
  return points;
}

/** The distance of each point to the nearest of the others, by measuring all of them. */
export function nearest(points: readonly number[][], others: readonly number[][]): number[] {
  return points.map((point) =>
    Math.min(...others.map((other) => Math.hypot(...point.map((at, axis) => at - other[axis]!)))),
  );
}
