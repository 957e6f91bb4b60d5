/**
 * One class in a prediction and its reference: how many voxels they have and share, and the two masks cut to the
 * smallest box around both. Everything outside of the box is background in both, so distances within it are those of
 * the image.
 */

import { holds } from '../core/label-sets.js';
import { sizeOf, stridesOf } from '../core/tensor.js';
import type { LabelMap } from './label-map.js';

export interface Region {
  /** Voxels of the class in each map and in both. */
  readonly predicted: number;
  readonly reference: number;
  readonly shared: number;
  /** The first corner and the extents of the box; extents of 0 where the class is in neither map. */
  readonly corner: readonly number[];
  readonly shape: readonly number[];
}

/**
 * Counts one class. Voxels whose reference label is `ignore` belong to neither mask.
 * @param label the label of the class
 */
export function regionOf(prediction: LabelMap, reference: LabelMap, label: number, ignore?: number): Region {
  const { shape } = reference;
  const [a, b] = [prediction.data, reference.data];
  const width = shape.at(-1)!;
  const rows = stridesOf(shape.slice(0, -1));
  const low = shape.map(() => Number.POSITIVE_INFINITY);
  const high = shape.map(() => -1);
  const [isPredicted, isReference] = [holds(label, prediction.sets), holds(label, reference.sets)];
  let [predicted, referenced, shared] = [0, 0, 0];
  for (let row = 0; row * width < b.length; row++) {
    let [first, last] = [-1, -1];
    for (let at = 0, index = row * width; at < width; at++, index++) {
      const known = b[index] !== ignore;
      const inPrediction = known && isPredicted(a[index]!);
      const inReference = known && isReference(b[index]!);
      if (!inPrediction && !inReference) continue;
      if (first < 0) first = at;
      last = at;
      if (inPrediction) predicted++;
      if (inReference) referenced++;
      if (inPrediction && inReference) shared++;
    }
    if (first < 0) continue;
    const place = rows.map((stride, axis) => Math.floor(row / stride) % shape[axis]!);
    [...place, first].forEach((at, axis) => {
      low[axis] = Math.min(low[axis]!, at);
    });
    [...place, last].forEach((at, axis) => {
      high[axis] = Math.max(high[axis]!, at);
    });
  }
  const empty = predicted + referenced === 0;
  return {
    predicted,
    reference: referenced,
    shared,
    corner: empty ? shape.map(() => 0) : low,
    shape: empty ? shape.map(() => 0) : high.map((end, axis) => end - low[axis]! + 1),
  };
}

/** The masks of the class in the region's box: prediction and reference, row-major over `region.shape`, 1 inside. */
export function masksOf(
  prediction: LabelMap,
  reference: LabelMap,
  region: Region,
  label: number,
  ignore?: number,
): readonly [Uint8Array, Uint8Array] {
  const strides = stridesOf(reference.shape);
  const boxStrides = stridesOf(region.shape);
  const width = region.shape.at(-1)!;
  const size = sizeOf(region.shape);
  const masks = [new Uint8Array(size), new Uint8Array(size)] as const;
  const [isPredicted, isReference] = [holds(label, prediction.sets), holds(label, reference.sets)];
  for (let to = 0; to < size; to += width) {
    const from = region.shape.reduce(
      (offset, extent, axis) =>
        offset + (region.corner[axis]! + (Math.floor(to / boxStrides[axis]!) % extent)) * strides[axis]!,
      0,
    );
    for (let at = 0; at < width; at++) {
      if (reference.data[from + at] === ignore) continue;
      if (isPredicted(prediction.data[from + at]!)) masks[0][to + at] = 1;
      if (isReference(reference.data[from + at]!)) masks[1][to + at] = 1;
    }
  }
  return masks;
}
