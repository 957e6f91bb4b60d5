/**
 * Probabilities on the way from the fitted image to the input's own grid, some planes at a time (of an image: some
 * rows), so that they need not be in memory all at once.
 */

import { type Band, joined, without } from '../../finetune/segmentation/band.js';
import { type Grid, placesAlongAxes, sameGrid, sampleLinear } from '../../image/index.js';

/** Values that are made at once, about. */
const AT_ONCE = 2 ** 22;

/**
 * Interpolates linearly; beyond the source its border is taken.
 * @param bands all planes of the source, in order
 * @param source the grid of the bands; of an image `[H, W, 1]`
 * @param target a grid whose axes run as those of the source
 * @returns all planes of the target, in order
 */
export async function* placedOn(bands: AsyncIterable<Band>, source: Grid, target: Grid): AsyncGenerator<Band> {
  if (sameGrid(source, target)) {
    yield* bands;
    return;
  }
  const places = placesAlongAxes(source, target);
  const [planes, ...across] = places as [Float64Array, Float64Array, Float64Array];
  const within = across.map((along, axis) => (isIdentity(along, source.shape[axis + 1]!) ? null : along));
  let held: Band | undefined;
  let next = 0;
  for await (const band of bands) {
    held = held ? joined(held, band) : band;
    const { start, values } = held;
    const [classes, rows, ...rest] = values.shape as [number, number, ...number[]];
    const most = Math.max(1, Math.floor(AT_ONCE / (classes * target.shape[1] * target.shape[2])));
    const ready = (plane: number) => plane < planes.length && Math.ceil(planes[plane]!) < start + rows;
    while (ready(next)) {
      let until = next + 1;
      while (until < next + most && ready(until)) until++;
      const along = planes.subarray(next, until).map((place) => place - start);
      yield { start: next, values: sampleLinear(values, [along, ...within.slice(0, rest.length)]) };
      next = until;
    }
    if (next < planes.length) held = without(held, Math.floor(planes[next]!));
  }
}

function isIdentity(places: Float64Array, extent: number): boolean {
  return places.length === extent && places.every((place, index) => place === index);
}
