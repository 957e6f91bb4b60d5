/**
 * Warping by a displacement field: `warp(source, field)(p) = source(p + field(p))`, linear interpolation, zero outside
 * (docs/method.md §0). In the `aligned` convention a zero field is the identity; `reference` reproduces the authors'
 * release, which reads position p at `p·S/(S−1) − 0.5`. Forward it is one `GridSample`; its gradient goes through the
 * corners around each position.
 */
import { sizeOf, stridesOf } from '../../core/tensor.js';
import { type Shape, shapeError, type Value } from '../graph.js';
import type { Corner } from '../lowering.js';
import { concat, gather, reshape, slice, transpose, zeros } from './arrange.js';
import { add, and, cast, floor, less, lessOrEqual, mul, sub, where } from './elementwise.js';
import { reduceSum } from './reduce.js';
import { toRows } from './rows.js';

export const warpConventions = ['aligned', 'reference'] as const;
export type WarpConvention = (typeof warpConventions)[number];

/**
 * @param source `[N, C, ...S]`
 * @param field `[N, nd, ...S]`, in pixels, component order = axis order
 * @returns `[N, C, ...S]`
 */
export function warp(source: Value, field: Value, convention: WarpConvention = 'aligned'): Value {
  const [batch, , ...extents] = source.shape as [number, number, ...number[]];
  if (field.shape.join() !== [batch, extents.length, ...extents].join()) {
    throw shapeError('Warp', 'expected a source [N, C, ...S] and a field [N, nd, ...S]', source.shape, field.shape);
  }
  const { graph } = source;
  const y = graph.unrecorded(
    () => graph.lowering.sample?.(source, () => cornersAround(field, convention)) ?? sampled(source, field, convention),
  );
  return graph.record({
    name: 'Warp',
    inputs: [source, field],
    outputs: [y],
    backward: ([dy], [wantSource, wantField]) => adjoint(source, field, dy!, convention, wantSource!, wantField!),
  });
}

function sampled(source: Value, field: Value, convention: WarpConvention): Value {
  const { graph, shape } = source;
  const extents = shape.slice(2);
  const attributes = { mode: 'linear', padding_mode: 'zeros', align_corners: 0 };
  return graph.node('GridSample', [source, normalised(field, extents, convention)], attributes, [{ shape }])[0]!;
}

/** Where each pixel reads its source, along one axis, in pixels: `[N, 1, ...S]` per axis. */
function positions(field: Value, extents: Shape, convention: WarpConvention): Value[] {
  return extents.map((extent, axis) => {
    const index = add(slice(field, [1], [axis], [axis + 1]), ramp(field, extents, axis));
    return convention === 'aligned' ? index : sub(mul(index, extent / (extent - 1)), 0.5);
  });
}

/** The index along `axis`, `[1, 1, ..., S_axis, ...]`. */
function ramp(like: Value, extents: Shape, axis: number): Value {
  const extent = extents[axis]!;
  const shape = [1, 1, ...extents.map((e, a) => (a === axis ? e : 1))];
  return like.graph.constant(
    Array.from({ length: extent }, (_, index) => index),
    shape,
  );
}

/** The grid that GridSample reads with `align_corners = 0`, `[N, ...S, nd]`, last axis first. */
function normalised(field: Value, extents: Shape, convention: WarpConvention): Value {
  const components = positions(field, extents, convention).map((position, axis) => {
    const extent = extents[axis]!;
    return add(mul(position, 2 / extent), 1 / extent - 1);
  });
  const rank = extents.length;
  const order = [0, ...extents.map((_, axis) => axis + 2), 1];
  return transpose(rank ? concat(components.reverse(), 1) : field, order);
}

function cornersAround(field: Value, convention: WarpConvention): Corner<Value>[] {
  const { graph } = field;
  const [batch, , ...extents] = field.shape as [number, number, ...number[]];
  const pixels = sizeOf(extents);
  const strides = stridesOf(extents);
  const read = positions(field, extents, convention).map((position) => reshape(position, [batch, pixels]));
  const low = read.map(floor);
  const high = low.map((value) => add(value, 1));
  const fraction = read.map((value, axis) => sub(value, low[axis]!));
  const rest = fraction.map((value) => sub(1, value));
  const inside = [low, high].map((side) =>
    side.map((value, axis) => and(lessOrEqual(0, value), less(value, extents[axis]!))),
  );
  const firstRow = graph.constant(
    Array.from({ length: batch }, (_, n) => n * pixels),
    [batch, 1],
  );
  return Array.from({ length: 2 ** extents.length }, (_, corner) => {
    const bits = extents.map((_, axis) => (corner >> axis) & 1);
    const valid = bits.map((bit, axis) => inside[bit]![axis]!).reduce((a, b) => and(a, b));
    const index = bits
      .map((bit, axis) => mul(bit ? high[axis]! : low[axis]!, strides[axis]!))
      .reduce((a, b) => add(a, b));
    const pixel = where(valid, index, 0);
    const position = add(pixel, firstRow);
    // Reshaped as float32: WebGPU leaves the reshaping of int64 to the CPU.
    const rowAs = (shape: Shape) => cast(reshape(position, shape), 'int64');
    const shares = bits.map((bit, axis) => (bit ? fraction[axis]! : rest[axis]!));
    const weight = () => {
      const product = shares.reduce((a, b) => mul(a, b));
      return reshape(where(valid, product, 0), [batch * pixels, 1]);
    };
    const pixelAs = (shape: Shape) => cast(reshape(pixel, shape), 'int64');
    return { bits, valid, rowAs, pixelAs, shares, weight };
  });
}

function adjoint(
  source: Value,
  field: Value,
  dy: Value,
  convention: WarpConvention,
  wantSource: boolean,
  wantField: boolean,
): readonly (Value | null)[] {
  const { graph } = source;
  const [batch, , ...extents] = source.shape as [number, number, ...number[]];
  const pixels = sizeOf(extents);
  const corners = cornersAround(field, convention);
  const dSource = wantSource
    ? reshape(graph.lowering.spread?.(dy, corners) ?? spread(dy, corners), source.shape)
    : null;

  let dField: Value | null = null;
  if (wantField) {
    const upstream = toRows(dy);
    const sourceRows = toRows(source);
    const slopes: Value[][] = extents.map(() => []);
    for (const { bits, valid, rowAs, shares } of corners) {
      const dot = reduceSum(mul(gather(sourceRows, rowAs([batch * pixels]), 0), upstream), [1]);
      const value = where(valid, reshape(dot, [batch, pixels]), 0);
      extents.forEach((_, axis) => {
        const others = shares.filter((_, other) => other !== axis);
        const slope = others.reduce((product, share) => mul(product, share), value);
        slopes[axis]!.push(bits[axis] ? slope : mul(slope, -1));
      });
    }
    const scale = (axis: number) => (convention === 'aligned' ? 1 : extents[axis]! / (extents[axis]! - 1));
    const components = slopes.map((terms, axis) => {
      const sum = terms.reduce((a, b) => add(a, b));
      return reshape(scale(axis) === 1 ? sum : mul(sum, scale(axis)), [batch, 1, ...extents]);
    });
    dField = concat(components, 1);
  }
  return [dSource, dField];
}

/** The gradient of the source: each pixel's is added where its corners lie. */
function spread(dy: Value, corners: readonly Corner<Value>[]): Value {
  const [batch, channels, ...extents] = dy.shape as [number, number, ...number[]];
  return spreadElements(reshape(dy, [batch, channels, sizeOf(extents)]), corners);
}

/** @param upstream some of the channels of dy, `[N, C, P]` */
export function spreadElements(upstream: Value, corners: readonly Corner<Value>[]): Value {
  const { graph, shape } = upstream;
  const numbers = [shape[0]!, 1, shape[2]!];
  return corners.reduce((sum, { pixelAs, weight }) => {
    const index = graph.node('Expand', [pixelAs(numbers), graph.integers(shape)], {}, [{ shape, dtype: 'int64' }])[0]!;
    const update = mul(upstream, reshape(weight(), numbers));
    return graph.node('ScatterElements', [sum, index, update], { axis: 2, reduction: 'add' }, [{ shape }])[0]!;
  }, zeros(upstream));
}
