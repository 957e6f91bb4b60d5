/** Successive planes of a map (of an image: rows), which come one band after the other. */
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import { cropRegion } from '../../views/index.js';

export interface Band {
  /** The index of the first plane. */
  readonly start: number;
  /** `[K, planes, ...]` */
  readonly values: Tensor;
}

/** Writes a band into a map `[K, ...S]`. */
export function putBand(whole: Tensor, { start, values }: Band): void {
  const [classes, rows, ...rest] = values.shape as [number, number, ...number[]];
  const [plane, size] = [sizeOf(rest), sizeOf(whole.shape.slice(1))];
  for (let k = 0; k < classes; k++) {
    whole.data.set(values.data.subarray(k * rows * plane, (k + 1) * rows * plane), k * size + start * plane);
  }
}

/** Two bands that follow each other as one. */
export function joined(a: Band, b: Band): Band {
  const [classes, rows, ...rest] = a.values.shape as [number, number, ...number[]];
  const values = tensor([classes, rows + b.values.shape[1]!, ...rest]);
  putBand(values, { start: 0, values: a.values });
  putBand(values, { start: rows, values: b.values });
  return { start: a.start, values };
}

/** The band from a plane on; one plane at least is kept. */
export function without({ start, values }: Band, plane: number): Band {
  const [classes, ...shape] = values.shape as [number, number, ...number[]];
  const [rows, ...rest] = shape as [number, ...number[]];
  const gone = Math.min(Math.max(plane - start, 0), rows - 1);
  if (gone === 0) return { start, values };
  const size = [rows - gone, ...rest];
  const data = cropRegion(values.data, { shape, start: [gone, ...rest.map(() => 0)], size });
  return { start: start + gone, values: tensor([classes, ...size], data) };
}
