/**
 * Warping by a displacement field: `warp(source, field)(p) = source(p + field(p))`, linear interpolation, zero outside
 * (docs/method.md §0). In the `aligned` convention a zero field is the identity; `reference` reproduces the authors'
 * release, which reads position p at `p·S/(S−1) − 0.5`. Forward it is one `GridSample`; its gradient goes through the
 * corners around each position.
 */
import { sizeOf } from '../../core/tensor.js';
import { shapeError, type Value } from '../graph.js';
import type { Corners, Read } from '../lowering.js';
import { concat, gather, reshape, transpose, zeros } from './arrange.js';
import { cornerSpans, cornersAround, ofCorners, rowsOf } from './corners.js';
import { add, cast, mul, sub } from './elementwise.js';
import { reduceSum } from './reduce.js';
import { toRows } from './rows.js';

/** Elements that are gathered for all corners at once. */
const GATHERED = 2 ** 19;
/** Index elements that `ScatterElements` is given at once; more of them cost fresh memory in every run. */
export const SPREAD_LIMIT = 2 ** 18;

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
    () => graph.lowering.sample?.(source, readBy(field, convention)) ?? sampled(source, field, convention),
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
  const attributes = { mode: 'linear', padding_mode: 'zeros', align_corners: 0 };
  return graph.node('GridSample', [source, normalised(field, convention)], attributes, [{ shape }])[0]!;
}

function readBy(field: Value, convention: WarpConvention): Read<Value> {
  let [read, around]: [Value?, Corners<Value>?] = [];
  const positionsOf = () => (read ??= positions(field, convention));
  return { positions: positionsOf, corners: () => (around ??= cornersAround(positionsOf())) };
}

/** Where each pixel reads its source, in pixels: `[N, nd, ...S]`. */
function positions(field: Value, convention: WarpConvention): Value {
  const extents = field.shape.slice(2);
  const read = extents.reduce((sum, _, axis) => add(sum, ramp(field, axis)), field);
  if (convention === 'aligned') return read;
  return sub(
    mul(
      read,
      perAxis(field, (extent) => extent / (extent - 1)),
    ),
    0.5,
  );
}

/** The index along `axis` as that component of a field, `[1, nd, 1, ..., S_axis, ..., 1]`. */
function ramp(field: Value, axis: number): Value {
  const extents = field.shape.slice(2);
  const extent = extents[axis]!;
  const indices = extents.map((_, component) =>
    Array.from({ length: extent }, (_, index) => (component === axis ? index : 0)),
  );
  return field.graph.constant(indices.flat(), [1, extents.length, ...extents.map((e, a) => (a === axis ? e : 1))]);
}

/** A number for each component of a field, `[1, nd, 1, ..., 1]`. */
function perAxis(field: Value, numberOf: (extent: number) => number): Value {
  const extents = field.shape.slice(2);
  return field.graph.constant(extents.map(numberOf), [1, extents.length, ...extents.map(() => 1)]);
}

/** The grid that GridSample reads with `align_corners = 0`, `[N, ...S, nd]`, last axis first. */
function normalised(field: Value, convention: WarpConvention): Value {
  const { graph, shape } = field;
  const extents = shape.slice(2);
  const perPixel = perAxis(field, (extent) => 2 / extent);
  const first = perAxis(field, (extent) => 1 / extent - 1);
  const grid = add(mul(positions(field, convention), perPixel), first);
  const lastFirst = gather(grid, graph.integers(extents.map((_, axis) => extents.length - 1 - axis)), 1);
  return transpose(lastFirst, [0, ...extents.map((_, axis) => axis + 2), 1]);
}

function adjoint(
  source: Value,
  field: Value,
  dy: Value,
  convention: WarpConvention,
  wantSource: boolean,
  wantField: boolean,
): readonly (Value | null)[] {
  const { lowering } = source.graph;
  const read = readBy(field, convention);
  const dSource = () => reshape(lowering.spread?.(dy, read) ?? spread(dy, read.corners()), source.shape);
  const dField = () => {
    const slopes = lowering.slopes?.(source, dy, read) ?? positionSlopes(source, dy, read.corners());
    if (convention === 'aligned') return slopes;
    return mul(
      slopes,
      perAxis(slopes, (extent) => extent / (extent - 1)),
    );
  };
  return [wantSource ? dSource() : null, wantField ? dField() : null];
}

/** What lies at each corner, times `dy`, times how the corner's weight grows as the position moves. */
function positionSlopes(source: Value, dy: Value, corners: Corners<Value>): Value {
  const [batch, channels, ...extents] = source.shape as [number, number, ...number[]];
  const pixels = sizeOf(extents);
  const count = batch * pixels;
  const upstream = toRows(dy);
  const rows = toRows(source);
  const products = cornerSpans(corners.count, channels * count, GATHERED).map(([begin, end]) =>
    reduceSum(mul(gather(rows, rowsOf(corners, begin, end, [end - begin, count]), 0), upstream), [2]),
  );
  const ofCorner = reshape(concat(products, 0), [corners.count, batch, pixels]);
  const components = extents.map((_, axis) =>
    reshape(reduceSum(mul(ofCorner, corners.slopes(axis)), [0]), [batch, 1, ...extents]),
  );
  return concat(components, 1);
}

/** The gradient of the source: each pixel's is added where its corners lie. */
function spread(dy: Value, corners: Corners<Value>): Value {
  const [batch, channels, ...extents] = dy.shape as [number, number, ...number[]];
  return spreadElements(reshape(dy, [batch, channels, sizeOf(extents)]), corners);
}

/** @param upstream some of the channels of dy, `[N, C, P]` */
export function spreadElements(upstream: Value, corners: Corners<Value>): Value {
  const { graph, shape } = upstream;
  const [batch, channels, pixels] = shape as [number, number, number];
  const spans = cornerSpans(corners.count, sizeOf(shape), SPREAD_LIMIT);
  return spans.reduce((sum, [begin, end]) => {
    const count = end - begin;
    const places = [batch, channels, count * pixels];
    const index = cast(ofCorners(corners.pixels, begin, end), 'int64');
    const expanded = graph.node('Expand', [index, graph.integers(places)], {}, [{ shape: places, dtype: 'int64' }]);
    const weights = reshape(ofCorners(corners.weights, begin, end), [batch, 1, count, pixels]);
    const update = mul(reshape(upstream, [batch, channels, 1, pixels]), weights);
    const inputs = [sum, expanded[0]!, reshape(update, places)];
    return graph.node('ScatterElements', inputs, { axis: 2, reduction: 'add' }, [{ shape }])[0]!;
  }, zeros(upstream));
}
