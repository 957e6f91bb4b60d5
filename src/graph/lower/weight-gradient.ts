/**
 * The gradient of a convolution's weight as a few large matrix products: `dW[o, c, t] = Σ dy[o, p] · x[c, p + t −
 * half]`. One map is *stacked*: its rows moved by every tap of the second last axis, one below the other, so that a
 * product gives a line of taps for all channels and no tap needs a copy of its own. Along the last axis the taps are
 * made by a minimal filter, or where that does not pay one by one, with the other map moved for each.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { concat, reshape, transpose } from '../ops/arrange.js';
import { matmul, swapLast } from '../ops/matmul.js';
import { reduceSum } from '../ops/reduce.js';
import { bandsOf, cutAround, cutBand, type MapShape } from './bands.js';
import { minimalFilter, mostTaps } from './minimal-filter.js';
import { flatRows, rowsInTiles, type StackOptions, shiftedRows, stackedRows } from './rows.js';

/** Pixels of a batch from which on the products weigh more than the weight's own size. */
const PIXELS = 1024;
const TILE = 4;
/** What tiles cost per pixel of a row's length, in multiplications of a product (measured). */
const TILING = 4.5;

export interface ProductOptions {
  /** The length of a row above which all are moved faster at once than one by one. */
  readonly long: number;
  /** `Σ_p rows[n, r, p] · columns[n, c, p]`, of `[N, R, P]` and `[N, C, P]`. */
  readonly product: (rows: Value, columns: Value) => Value;
  /** What takes the place of tap by tap for maps that are larger than the weight. */
  readonly large?: (line: Line) => Value[];
  /** The most elements of a stack, above which the sum goes in bands; any where absent. */
  readonly most?: number;
}

export const onCpu: ProductOptions = {
  long: 128,
  product: (rows, columns) => matmul(rows, swapLast(columns)),
  most: 2 ** 24,
};

/**
 * @param parts of the input along its channels, `[N, C, ...S]` together, two spatial axes or more
 * @param dy `[N, O, ...S]`
 * @param kernel the kernel's extents, odd
 * @returns `[O, C, ...kernel]`
 */
export function weightGradientByProducts(parts: readonly Value[], dy: Value, kernel: Shape, options = onCpu): Value {
  const channels = channelsOf(parts);
  const [batch, out, ...extents] = dy.shape as [number, number, ...number[]];
  if (sizeOf(kernel) === 1)
    return concat(
      parts.map((part) => pointwise(part, dy, options)),
      1,
    );
  // Where the weight is larger than the maps, the product itself sums over the batch, and leaves little to move.
  const larger = (sizeOf(kernel) * out * channels) / (out + channels) > sizeOf(extents);
  const joined = larger && (batch > 1 || kernel.length > 2);
  const ready = (map: Value) => (joined ? joinBatch(map) : map);
  const gradientOf = (own: readonly Value[], stackX: boolean) => {
    const [stack, others] = stackX ? [own[0]!, [dy]] : [dy, own];
    const layout = { kernel, joined, forward: stackX };
    const line = { stack: ready(stack), others: others.map(ready), extents, options, ...layout };
    const plain = (!joined && options.large) || tapByTap;
    const filters = filterPays(own, dy, kernel);
    const lines = inBands(line, filters ? (TILE + kernel.at(-1)! - 1) / TILE : 1, filters ? filtered : plain);
    return ofLines(lines, channelsOf(own), out, layout);
  };
  if (joined || channels <= out)
    return concat(
      parts.map((part) => gradientOf([part], true)),
      1,
    );
  return gradientOf(parts, false);
}

/**
 * The lines of taps, summed band by band where the stack would be larger than is asked for. The lines of a band are
 * joined, so that all that belongs to it is computed before the next one.
 * @param tiled how many times as many numbers a row in tiles has
 */
function inBands(line: Line, tiled: number, linesOf: (line: Line) => Value[]): Value[] {
  const { stack, others, extents, kernel, joined, options } = line;
  const elements = sizeOf(stack.shape) * kernel.at(-2)! * tiled;
  const bands = joined ? 1 : Math.ceil(elements / (options.most ?? elements));
  if (bands === 1) return linesOf(line);
  const ofBands = bandsOf(stack.shape as MapShape, bands).map((band) => {
    const { map, outside } = cutAround(stack, band, (kernel[0]! - 1) / 2);
    const own = { stack: map, outside, others: others.map((other) => cutBand(other, band)) };
    const [from, to] = band.rows;
    return concat(linesOf({ ...line, ...own, extents: extents.with(0, to - from) }), 0);
  });
  return [stack.graph.node('Sum', ofBands, {}, [ofBands[0]!])[0]!];
}

function channelsOf(parts: readonly Value[]): number {
  return parts.reduce((sum, { shape }) => sum + shape[1]!, 0);
}

/** Of a kernel of one tap. */
function pointwise(x: Value, dy: Value, { product }: ProductOptions): Value {
  const sums = reduceSum(product(flatRows(dy), flatRows(x)), [0]);
  return reshape(sums, [dy.shape[1]!, x.shape[1]!, ...x.shape.slice(2).map(() => 1)]);
}

/** Lines of taps, one for each tap of the leading axes, as the gradient of a weight `[out, channels, ...kernel]`. */
function ofLines(lines: readonly Value[], channels: number, out: number, { kernel, joined, forward }: Layout): Value {
  const [across, along] = kernel.slice(-2) as [number, number];
  const shape = [out, channels, ...kernel];
  if (joined)
    return reshape(
      concat(
        lines.map((line) => reshape(line, [out * channels, across * along])),
        1,
      ),
      shape,
    );
  const ofOut: Axis = ['out', out];
  const ofChannels: Axis = ['channels', channels];
  const [upper, lower] = forward ? [ofChannels, ofOut] : [ofOut, ofChannels];
  const axes: Axis[] = [['lead', sizeOf(kernel.slice(0, -2))], upper, ['across', across], lower, ['along', along]];
  return reshape(arrange(concat(lines, 0), axes, ['out', 'channels', 'lead', 'across', 'along']), shape);
}

/** Whether a minimal filter spares more in the products than it takes to cut rows into tiles. */
function filterPays(parts: readonly Value[], dy: Value, kernel: Shape): boolean {
  const [along, width] = [kernel.at(-1)!, dy.shape.at(-1)!];
  const [channels, out] = [channelsOf(parts), dy.shape[1]!];
  const pixels = dy.shape[0]! * sizeOf(dy.shape.slice(2));
  const spared = (sizeOf(kernel) * channels * out) / (channels + out);
  return along > 1 && along <= mostTaps(TILE) && pixels >= PIXELS && spared >= TILING * width;
}

export interface Layout {
  readonly kernel: Shape;
  /** Whether the product sums over the batch. */
  readonly joined: boolean;
  /** Whether the stack is the input: its rows move with the tap, those of dy against it. */
  readonly forward: boolean;
}

export interface Line extends Layout, StackOptions {
  readonly stack: Value;
  /** What the stack is multiplied with: one map, or its parts along the channels. */
  readonly others: readonly Value[];
  readonly options: ProductOptions;
}

/** For each tap of the leading axes a line of taps for all channels: `[rows of the product, along]`. */
function tapByTap(line: Line): Value[] {
  const { stack, others, kernel, forward, options } = line;
  const along = kernel.at(-1)!;
  const stacks = stackedRows(stack, line);
  const products = Array.from({ length: along }, (_, tap) => {
    const columns = others.map((other) => shiftedRows(other, tap, along, forward, options.long));
    return stacks.map((rows) => {
      const product = reduceSum(channelProduct(rows, columns, line), [0]);
      return reshape(product, [sizeOf(product.shape), 1]);
    });
  });
  // Joined element by element, the taps of a line lie where they belong, at half the cost of a transposition.
  return stacks.map((_, k) =>
    concat(
      products.map((ofTap) => ofTap[k]!),
      1,
    ),
  );
}

/** The same by a minimal filter, whose products are one batch. */
function filtered(line: Line): Value[] {
  const { stack, others, kernel, forward } = line;
  const along = kernel.at(-1)!;
  const { ofWindow, ofTile, toTaps } = minimalFilter(along, TILE);
  const taps = forward ? toTaps : toTaps.toReversed();
  const back = stack.graph.constant(
    ofWindow.flatMap((_, product) => taps.map((row) => row[product]!)),
    [ofWindow.length, along],
  );
  const batch = stack.shape[0]!;
  const inTiles = (map: Value) => rowsInTiles(map, ofWindow, TILE, (1 - along) / 2);
  // The runtime makes first what was built last, so each of the stacks, which are large, just before its product.
  const stacks = stackedRows(stack, line, inTiles);
  const columns = others.map((other) => flatRows(rowsInTiles(other, ofTile, TILE, 0)));
  return stacks.map((rows) => {
    const product = channelProduct(rows, columns, line);
    const elements = sizeOf(product.shape.slice(1));
    const sums = reduceSum(reshape(product, [ofWindow.length, batch, elements]), [1]);
    return matmul(swapLast(reshape(sums, [ofWindow.length, elements])), back);
  });
}

/**
 * Of all channels of the one map with all of the other, summed over the pixels; where the batch is joined, dy comes
 * first. Parts are joined behind their products, so that all of these are made while the stack, which is large, is
 * there.
 */
function channelProduct(rows: Value, columns: readonly Value[], { joined, options: { product } }: Line): Value {
  return concat(
    columns.map((own) => (joined ? product(own, rows) : product(rows, own))),
    2,
  );
}

/** `[N, C, ...S]` to `[1, C, ..., N, S_last]`: the batch becomes one more spatial axis. */
function joinBatch(map: Value): Value {
  const rank = map.shape.length;
  const middle = Array.from({ length: rank - 3 }, (_, axis) => axis + 2);
  const moved = transpose(map, [1, ...middle, 0, rank - 1]);
  return reshape(moved, [1, ...moved.shape]);
}

type Axis = readonly [name: string, extent: number];

/**
 * Reorders named axes; those of one element are left out, so that a move of one axis stays one. A single channel stays:
 * the runtime would put another node in the place of a transposition that is reshaped, and compute it first.
 */
function arrange(x: Value, axes: readonly Axis[], order: readonly string[]): Value {
  const present = axes.filter(([name, extent]) => extent > 1 || name === 'channels');
  const kept = order.filter((name) => present.some(([other]) => other === name));
  const positions = kept.map((name) => present.findIndex(([other]) => other === name));
  return transpose(
    reshape(
      x,
      present.map(([, extent]) => extent),
    ),
    positions,
  );
}
