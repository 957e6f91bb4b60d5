/** What is painted over the two images: similarities, features as colours, and places. */
import { viridis } from '../../../../report/colour';
import { inSlice } from '../../../drawing/alike';
import type { ImageFeatures } from '../../../drawing/likeness';
import { type Slice, spotOf } from '../../../drawing/slices';
import { painted } from '../../parts/picture';

/** Red, green and blue of an image on the grid of its features. */
export type Colours = readonly Float32Array[];

export function colourCanvas(colours: Colours, features: ImageFeatures, slice: Slice): HTMLCanvasElement {
  return painted(slice.width, slice.height, (data) => {
    for (const [part, map] of colours.entries()) {
      inSlice(features, map, slice).forEach((value, pixel) => {
        data[4 * pixel + part] = value;
        data[4 * pixel + 3] = 255;
      });
    }
  });
}

/** From the middle of what similarities there are to the best one. */
export function heatRange(map: Float32Array): readonly [number, number] {
  const sorted = map.slice().sort();
  return [sorted[sorted.length >> 1]!, sorted.at(-1)!];
}

/** The similarities of a plane: what is below the range stays dark. */
export function heatCanvas(map: Float32Array, slice: Slice, [low, high]: readonly [number, number]): HTMLCanvasElement {
  return painted(slice.width, slice.height, (data) => {
    for (let pixel = 0; pixel < map.length; pixel++) {
      const share = Math.max(0, (map[pixel]! - low) / Math.max(1e-9, high - low));
      data.set(viridis(share), 4 * pixel);
      data[4 * pixel + 3] = 255;
    }
  });
}

/** A place as a ring; faint where it lies in another plane. */
export function mark(
  context: CanvasRenderingContext2D,
  scale: number,
  slice: Slice,
  place: readonly number[],
  colour: string,
): void {
  const { x, y } = spotOf(slice, place);
  const { across } = slice;
  context.globalAlpha = across && Math.abs(place[across.axis]! - across.index) >= 1 ? 0.25 : 1;
  // Pixels that are no squares do not make it an oval.
  const { a: right, d: down } = context.getTransform();
  for (const [width, stroke] of [
    [4, '#000000'],
    [2, colour],
  ] as const) {
    context.lineWidth = width / scale;
    context.strokeStyle = stroke;
    context.beginPath();
    context.ellipse(x, y, 7 / right, 7 / down, 0, 0, 2 * Math.PI);
    context.stroke();
  }
  context.globalAlpha = 1;
}
