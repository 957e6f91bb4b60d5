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
import { minimalFilter, mostTaps } from './minimal-filter.js';
import { flatRows, rowsInTiles, shiftedRows, stackedRows } from './rows.js';

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
}

const onCpu: ProductOptions = { long: 128, product: (rows, columns) => matmul(rows, swapLast(columns)) };

/**
 * @param parts of the input along its channels, `[N, C, ...S]` together, two spatial axes or more
 * @param dy `[N, O, ...S]`
 * @param kernel the kernel's extents, odd
 * @returns `[O, C, ...kernel]`
 */
export function weightGradientByProducts(parts: readonly Value[], dy: Value, kernel: Shape, options = onCpu): Value {
  const channels = parts.reduce((sum, { shape }) => sum + shape[1]!, 0);
  const out = dy.shape[1]!;
  const [batch, pixels] = [dy.shape[0]!, sizeOf(dy.shape.slice(2))];
  // Where the weight is larger than the maps, the product itself sums over the batch, and leaves little to move.
  const joined = (batch > 1 || kernel.length > 2) && (sizeOf(kernel) * out * channels) / (out + channels) > pixels;
  const gradients = parts.map((part) => partGradient(part, dy, kernel, joined, joined || channels <= out, options));
  return concat(gradients, 1);
}

function partGradient(
  x: Value,
  dy: Value,
  kernel: Shape,
  joined: boolean,
  stackX: boolean,
  options: ProductOptions,
): Value {
  const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
  const out = dy.shape[1]!;
  const pixels = sizeOf(extents);
  if (sizeOf(kernel) === 1) {
    const product = options.product(reshape(dy, [batch, out, pixels]), reshape(x, [batch, channels, pixels]));
    return reshape(reduceSum(product, [0]), [out, channels, ...kernel]);
  }
  const lead = kernel.slice(0, -2);
  const [across, along] = kernel.slice(-2) as [number, number];
  const [stack, other] = (stackX ? [x, dy] : [dy, x]).map((map) => (joined ? joinBatch(map) : map)) as [Value, Value];
  const plain = (!joined && options.large) || tapByTap;
  const linesOf = filterPays(x, dy, kernel) ? filtered : plain;
  const lines = linesOf({ stack, other, extents, kernel, joined, forward: stackX, options });
  if (joined) {
    const ofTaps = lines.map((line) => reshape(line, [out * channels, across * along]));
    return reshape(concat(ofTaps, 1), [out, channels, ...kernel]);
  }
  const ofOut: Axis = ['out', out];
  const ofChannels: Axis = ['channels', channels];
  const [upper, lower] = stackX ? [ofChannels, ofOut] : [ofOut, ofChannels];
  const axes: Axis[] = [['lead', sizeOf(lead)], upper, ['across', across], lower, ['along', along]];
  const gradient = arrange(concat(lines, 0), axes, ['out', 'channels', 'lead', 'across', 'along']);
  return reshape(gradient, [out, channels, ...kernel]);
}

/** Whether a minimal filter spares more in the products than it takes to cut rows into tiles. */
function filterPays(x: Value, dy: Value, kernel: Shape): boolean {
  const [along, width] = [kernel.at(-1)!, x.shape.at(-1)!];
  const [channels, out] = [x.shape[1]!, dy.shape[1]!];
  const pixels = x.shape[0]! * sizeOf(x.shape.slice(2));
  const spared = (sizeOf(kernel) * channels * out) / (channels + out);
  return along > 1 && along <= mostTaps(TILE) && pixels >= PIXELS && spared >= TILING * width;
}

export interface Line {
  readonly stack: Value;
  readonly other: Value;
  readonly extents: Shape;
  readonly kernel: Shape;
  /** Whether the product sums over the batch. */
  readonly joined: boolean;
  /** Whether the stack is the input: its rows move with the tap, those of dy against it. */
  readonly forward: boolean;
  readonly options: ProductOptions;
}

/** For each tap of the leading axes a line of taps for all channels: `[rows of the product, along]`. */
function tapByTap({ stack, other, extents, kernel, joined, forward, options }: Line): Value[] {
  const along = kernel.at(-1)!;
  const stacked = stackedRows(stack, extents, kernel, forward);
  const products = Array.from({ length: along }, (_, tap) => {
    const columns = shiftedRows(other, tap, along, forward, options.long);
    return stacked.map((rows) => {
      const product = reduceSum(channelProduct(rows, columns, joined, options), [0]);
      return reshape(product, [sizeOf(product.shape), 1]);
    });
  });
  // Joined element by element, the taps of a line lie where they belong, at half the cost of a transposition.
  return stacked.map((_, line) =>
    concat(
      products.map((ofTap) => ofTap[line]!),
      1,
    ),
  );
}

/** The same by a minimal filter, whose products are one batch. */
function filtered({ stack, other, extents, kernel, joined, forward, options }: Line): Value[] {
  const along = kernel.at(-1)!;
  const { ofWindow, ofTile, toTaps } = minimalFilter(along, TILE);
  const taps = forward ? toTaps : toTaps.toReversed();
  const back = stack.graph.constant(
    ofWindow.flatMap((_, product) => taps.map((row) => row[product]!)),
    [ofWindow.length, along],
  );
  const batch = stack.shape[0]!;
  const columns = flatRows(rowsInTiles(other, ofTile, TILE, 0));
  const inTiles = (map: Value) => rowsInTiles(map, ofWindow, TILE, (1 - along) / 2);
  return stackedRows(stack, extents, kernel, forward, inTiles).map((rows) => {
    const product = channelProduct(rows, columns, joined, options);
    const elements = sizeOf(product.shape.slice(1));
    const sums = reduceSum(reshape(product, [ofWindow.length, batch, elements]), [1]);
    return matmul(swapLast(reshape(sums, [ofWindow.length, elements])), back);
  });
}

/**
 * Of all channels of the one map with all of the other, summed over the pixels; where the batch is joined, dy comes
 * first.
 */
function channelProduct(rows: Value, columns: Value, joined: boolean, { product }: ProductOptions): Value {
  return joined ? product(columns, rows) : product(rows, columns);
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
