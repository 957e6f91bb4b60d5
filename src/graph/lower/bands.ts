/**
 * Bands of a map: some samples, or some rows of one along its first spatial axis. A sum over all pixels that needs
 * large values goes over one band after the other, so that they are there for one at a time.
 */
import type { Value } from '../graph.js';
import { slice } from '../ops/arrange.js';

/** From and to, of the samples and along the first spatial axis. */
export interface Band {
  readonly samples: readonly [number, number];
  readonly rows: readonly [number, number];
}

/** `[N, C, ...S]`. */
export type MapShape = readonly [batch: number, channels: number, rows: number, ...rest: number[]];

/** At least `count` bands where there are as many rows; samples stay whole where that is enough. */
export function bandsOf([batch, , rows]: MapShape, count: number): Band[] {
  const inRows = Math.ceil(count / batch);
  return cuts(batch, Math.min(count, batch)).flatMap((samples) =>
    cuts(rows, Math.min(inRows, rows)).map((own) => ({ samples, rows: own })),
  );
}

/** The pieces of an extent, as equal as can be. */
export function cuts(extent: number, count: number): [number, number][] {
  const at = (piece: number) => Math.round((piece * extent) / count);
  return Array.from({ length: count }, (_, piece) => [at(piece), at(piece + 1)]);
}

/** What a band has of a map `[N, C, ...S]`. */
export function cutBand(map: Value, { samples, rows }: Band): Value {
  return slice(map, [0, 2], [samples[0], rows[0]], [samples[1], rows[1]]);
}

/**
 * A band with so many rows around it.
 * @returns what there is of it, and how many rows lie outside of the map before and behind it
 */
export function cutAround(
  map: Value,
  { samples, rows }: Band,
  around: number,
): { map: Value; outside: [number, number] } {
  const [from, to] = [rows[0] - around, rows[1] + around];
  const last = map.shape[2]!;
  return {
    map: slice(map, [0, 2], [samples[0], Math.max(0, from)], [samples[1], Math.min(last, to)]),
    outside: [Math.max(0, -from), Math.max(0, to - last)],
  };
}
