/**
 * Pixels with a window around them, 16 of a row at a time: which lines of the window lie within the map, and which
 * pixels of a line do. Maps are `[batch, d · heads, ...extents]`, channel c · heads + j belonging to head j.
 */
import { positionsOf, sizeOf, stridesOf } from '../core/tensor.js';
import { fields } from './entries.js';

export interface WindowShape {
  readonly batch: number;
  /** Channels of a head, d. */
  readonly depth: number;
  readonly heads: number;
  readonly radius: number;
  readonly extents: readonly number[];
}

/** Pixels of a vector. */
const LANES = 16;

/** The bytes of a map of one channel. */
export function planeBytes({ extents }: WindowShape): number {
  return 4 * sizeOf(extents);
}

/** Offsets of a window along an axis. */
export function reachOf({ radius }: WindowShape): number {
  return 2 * radius + 1;
}

/** Lines of a window. */
export function lineCount(shape: WindowShape): number {
  return reachOf(shape) ** (shape.extents.length - 1);
}

/** The product of a pixel with what lies outside of the map (docs/method.md §3), and one below all others. */
export const OUTSIDE = -1000;
const LOWEST = -3e38;

/** Numbers that are kept of each pixel and head besides those of its offset. */
export const KEPT = 2;

/**
 * A row of pixels of a head: its bytes in a map of d channels for each head, of as many as there are axes, and of two
 * more; in these where all of a head lie together; and where its lines begin in their table, and where they end.
 */
export const row = fields('map', 'vectors', 'made', 'own', 'lines', 'end');

/**
 * In front of the lines: the product of what lies in the lines outside of the map, or where there is none the lowest;
 * how many pixels these are; and the sums of their offsets along all axes but the last.
 */
export const outside = { product: 0, count: 4, sums: 8 } as const;

export function outsideBytes({ extents }: WindowShape): number {
  return 4 * (1 + extents.length);
}

export function rowsTable(shape: WindowShape): { readonly rows: Int32Array; readonly lines: Int32Array } {
  const { batch, depth, heads, extents } = shape;
  const plane = planeBytes(shape);
  const across = extents.slice(0, -1);
  const lines = new Lines(shape);
  const entries = positionsOf([batch, heads, ...across]).map(([sample, head, ...position]) => {
    const own = position.reduce((index, at, axis) => index * across[axis]! + at, 0) * extents.at(-1)! * 4;
    const at = (planes: number) => (sample! * planes * heads + head!) * plane + own;
    const made = extents.length + KEPT;
    const together = (sample! * heads + head!) * made * plane + own;
    return [at(depth), at(extents.length), at(made), together, ...lines.of(position)];
  });
  return { rows: Int32Array.from(entries.flat()), lines: lines.table() };
}

/** Bytes of a line: those from a pixel to the one at its offset, and the offsets along all axes but the last. */
export function lineBytes({ extents }: WindowShape): number {
  return 4 * extents.length;
}

/** The lines of the window around a row that lie within the map; rows equally near to the edges share theirs. */
class Lines {
  readonly #shape: WindowShape;
  readonly #numbers: number[] = [];
  readonly #known = new Map<string, readonly [number, number]>();

  constructor(shape: WindowShape) {
    this.#shape = shape;
  }

  of(position: readonly number[]): readonly [begin: number, end: number] {
    const { radius, extents } = this.#shape;
    const spans = position.map((at, axis) => [
      Math.max(-radius, -at),
      Math.min(radius, extents[axis]! - 1 - at),
    ]) as readonly (readonly [number, number])[];
    const key = spans.join(' ');
    const known = this.#known.get(key) ?? this.#add(spans);
    this.#known.set(key, known);
    return known;
  }

  #add(spans: readonly (readonly [number, number])[]): readonly [number, number] {
    const strides = stridesOf(this.#shape.extents);
    const reach = reachOf(this.#shape);
    const within = (offset: number, axis: number) => offset >= spans[axis]![0] && offset <= spans[axis]![1];
    const missing = positionsOf(spans.map(() => reach))
      .map((position) => position.map((at) => at - this.#shape.radius))
      .filter((offsets) => !offsets.every(within));
    const sums = spans.map((_, axis) => missing.reduce((sum, offsets) => sum + reach * offsets[axis]!, 0));
    const product = missing.length > 0 ? OUTSIDE : LOWEST;
    for (const value of [product, reach * missing.length, ...sums]) this.#numbers.push(bitsOf(value));
    const begin = 4 * this.#numbers.length;
    for (const position of positionsOf(spans.map(([from, to]) => to - from + 1))) {
      const offsets = position.map((at, axis) => spans[axis]![0] + at);
      this.#numbers.push(4 * offsets.reduce((sum, offset, axis) => sum + offset * strides[axis]!, 0));
      for (const offset of offsets) this.#numbers.push(bitsOf(offset));
    }
    return [begin, 4 * this.#numbers.length];
  }

  table(): Int32Array {
    return Int32Array.from(this.#numbers);
  }
}

/** The bits of a float32. */
function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}

/** Bytes of the masks of a vector. */
export function maskBytes(shape: WindowShape): number {
  return 4 * (1 + reachOf(shape));
}

/** For each vector of a row, which of its pixels are in the row, and for each offset which have a neighbour there. */
export function masksTable(shape: WindowShape): Int32Array {
  const { radius, extents } = shape;
  const width = extents.at(-1)!;
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  const mask = (has: (at: number) => boolean, first: number) =>
    lanes.reduce((bits, lane) => bits | (has(first + lane) ? 1 << lane : 0), 0);
  const vectors = Array.from({ length: Math.ceil(width / LANES) }, (_, vector) => {
    const first = vector * LANES;
    const offsets = Array.from({ length: reachOf(shape) }, (_, k) => k - radius);
    const inside = (at: number) => at >= 0 && at < width;
    return [mask(inside, first), ...offsets.map((offset) => mask((at) => inside(at) && inside(at + offset), first))];
  });
  return Int32Array.from(vectors.flat());
}
