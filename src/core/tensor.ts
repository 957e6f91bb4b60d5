/** A dense array outside of a graph: row-major data with a shape. The currency between images, weights and engine. */

export type DType = 'float32' | 'float16' | 'int64' | 'bool';

/** float32 data in row-major (C) order; `data.length` is the product of `shape`. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function tensor(shape: readonly number[], data: Float32Array = new Float32Array(sizeOf(shape))): Tensor {
  if (data.length !== sizeOf(shape)) {
    throw new Error(`internal: ${data.length} values do not fill the shape [${shape.join(', ')}]`);
  }
  return { shape, data };
}

/** All positions of a grid, in row-major order. */
export function positionsOf(shape: readonly number[]): number[][] {
  const strides = stridesOf(shape);
  return Array.from({ length: sizeOf(shape) }, (_, place) =>
    shape.map((extent, axis) => Math.floor(place / strides[axis]!) % extent),
  );
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}
