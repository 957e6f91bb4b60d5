/** Parts of decoded images, wherever their values lie. */
import { invariant } from '../core/errors.js';
import { sizeOf } from '../core/tensor.js';

export interface RecordWindow {
  readonly record: readonly number[];
  readonly start: readonly number[];
  readonly size: readonly number[];
}

/**
 * Reads the rows of every plane (the last two axes) that the window touches in one go, and cuts the columns out.
 * @param values gives so many values from a place on
 * @param offset where the record begins
 */
export function readWindow(
  values: (from: number, count: number) => Float32Array,
  offset: number,
  channels: number,
  { record, start, size }: RecordWindow,
): Float32Array {
  invariant(
    record.length >= 2 && record.every((extent, axis) => start[axis]! >= 0 && start[axis]! + size[axis]! <= extent),
    `the window [${size.join(', ')}] at [${start.join(', ')}] leaves the record [${record.join(', ')}]`,
  );
  const [firstRow, firstColumn] = start.slice(-2) as [number, number];
  const [rows, columns] = size.slice(-2) as [number, number];
  const [height, width] = record.slice(-2) as [number, number];
  const planes = sizeOf(size.slice(0, -2));
  const result = new Float32Array(channels * sizeOf(size));
  let target = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let plane = 0; plane < planes; plane++) {
      const from = offset + channel * sizeOf(record) + planeAt(plane, record, start, size) * height * width;
      const part = values(from + firstRow * width, rows * width);
      for (let row = 0; row < rows; row++, target += columns) {
        const at = row * width + firstColumn;
        result.set(part.subarray(at, at + columns), target);
      }
    }
  }
  return result;
}

/** The number of a plane of the window among those of the record. */
function planeAt(plane: number, record: readonly number[], start: readonly number[], size: readonly number[]): number {
  let [rest, stride, found] = [plane, 1, 0];
  for (let axis = record.length - 3; axis >= 0; axis--) {
    found += (start[axis]! + (rest % size[axis]!)) * stride;
    rest = Math.floor(rest / size[axis]!);
    stride *= record[axis]!;
  }
  return found;
}
