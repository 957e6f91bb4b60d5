/** An RGB raster with what a montage needs: pixels, copies, and lines, arrows and short texts with smooth edges. */
import { invariant } from '../core/errors.js';
import type { Colour } from './colour.js';
import { type Strokes, textStrokes } from './font.js';

/**
 * Pixels of a picture for one pixel of a page, along each side: pictures are sharp on screens of twice the usual
 * density.
 */
export const DENSITY = 2;

/** 8 bit RGB, row-major; `data.length` is `height · width · 3`. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** A picture of one colour. */
export function picture(height: number, width: number, [red, green, blue]: Colour = [0, 0, 0]): Picture {
  const data = new Uint8Array(height * width * 3);
  if (red === 0 && green === 0 && blue === 0) return { height, width, data };
  data.set([red, green, blue]);
  for (let done = 3; done < data.length; done *= 2) data.copyWithin(done, 0, done);
  return { height, width, data };
}

/** Sets one pixel; outside of the picture nothing happens. Row and column are rounded. */
export function setPixel(target: Picture, row: number, column: number, colour: Colour): void {
  const [r, c] = [Math.round(row), Math.round(column)];
  if (r >= 0 && c >= 0 && r < target.height && c < target.width) target.data.set(colour, (r * target.width + c) * 3);
}

export function pixelAt(source: Picture, row: number, column: number): Colour {
  const at = (row * source.width + column) * 3;
  return [source.data[at]!, source.data[at + 1]!, source.data[at + 2]!];
}

/** A picture by a function of its pixels. */
export function paint(height: number, width: number, colour: (row: number, column: number) => Colour): Picture {
  const result = picture(height, width);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 3) {
      const own = colour(row, column);
      for (let channel = 0; channel < 3; channel++) result.data[at + channel] = own[channel]!;
    }
  }
  return result;
}

/** Repeats each pixel `zoom` × `zoom` times. */
export function enlarge(source: Picture, zoom: number): Picture {
  invariant(Number.isInteger(zoom) && zoom >= 1, `a zoom is a whole number of at least 1, found ${zoom}`);
  return zoom === 1 ? source : stretched(source, source.height * zoom, source.width * zoom);
}

/** A picture of another size, each pixel that of its place in the source. */
export function stretched(source: Picture, height: number, width: number): Picture {
  const result = picture(height, width);
  for (let row = 0, above = -1; row < height; row++) {
    const line = Math.floor((row * source.height) / height);
    const start = row * width * 3;
    if (line === above) {
      result.data.copyWithin(start, start - width * 3, start);
      continue;
    }
    for (let column = 0, to = start; column < width; column++) {
      const at = (line * source.width + Math.floor((column * source.width) / width)) * 3;
      for (let channel = 0; channel < 3; channel++) result.data[to++] = source.data[at + channel]!;
    }
    above = line;
  }
  return result;
}

/** Copies `source` into `target` with its upper left corner at (row, column); must fit. */
export function paste(target: Picture, source: Picture, row: number, column: number): void {
  invariant(row >= 0 && column >= 0, 'a pasted picture starts inside of the target');
  invariant(row + source.height <= target.height && column + source.width <= target.width, 'a pasted picture fits');
  for (let line = 0; line < source.height; line++) {
    const from = line * source.width * 3;
    target.data.set(source.data.subarray(from, from + source.width * 3), ((row + line) * target.width + column) * 3);
  }
}

/** A line of a round pen, smooth at its edges. @param width of the pen, in pixels */
export function line(
  target: Picture,
  row0: number,
  column0: number,
  row1: number,
  column1: number,
  colour: Colour,
  width: number = DENSITY,
): void {
  const points = [
    { x: column0, y: row0 },
    { x: column1, y: row1 },
  ];
  strokes(target, 0, 0, [points], colour, width);
}

/** A line with a head at its second end; shorter than a pixel it is a dot. */
export function arrow(
  target: Picture,
  row0: number,
  column0: number,
  row1: number,
  column1: number,
  colour: Colour,
): void {
  const [from, to] = [
    { x: column0, y: row0 },
    { x: column1, y: row1 },
  ];
  const length = Math.hypot(row1 - row0, column1 - column0);
  if (length < 1) {
    strokes(target, 0, 0, [[from, from]], colour, DENSITY);
    return;
  }
  const angle = Math.atan2(row1 - row0, column1 - column0);
  const head = Math.min(5 * DENSITY, Math.max(2 * DENSITY, length * 0.4));
  const [left, right] = [2.6, -2.6].map((turn) => ({
    x: column1 + head * Math.cos(angle + turn),
    y: row1 + head * Math.sin(angle + turn),
  }));
  strokes(
    target,
    0,
    0,
    [
      [from, to],
      [left!, to, right!],
    ],
    colour,
    DENSITY * 0.8,
  );
}

/**
 * Writes a text with the upper left corner of its capitals at (row, column).
 * @param size height of the capitals, in pixels
 */
export function text(target: Picture, row: number, column: number, words: string, colour: Colour, size: number): void {
  strokes(target, row, column, textStrokes(words, size), colour, Math.max(1, size / 7));
}

/** Draws lines, shifted by (row, column); where they overlap or meet, the colour is laid on once. */
function strokes(target: Picture, row: number, column: number, lines: Strokes, colour: Colour, width: number): void {
  const reach = width / 2 + 0.5;
  const covered = new Map<number, number>();
  for (const points of lines) {
    for (let index = 0; index + 1 < points.length; index++) {
      const [a, b] = [points[index]!, points[index + 1]!];
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      const square = dx * dx + dy * dy;
      const [ax, ay] = [a.x + column, a.y + row];
      const low = (start: number, step: number) => Math.max(0, Math.ceil(Math.min(start, start + step) - reach));
      const high = (start: number, step: number, extent: number) =>
        Math.min(extent - 1, Math.floor(Math.max(start, start + step) + reach));
      for (let y = low(ay, dy); y <= high(ay, dy, target.height); y++) {
        for (let x = low(ax, dx); x <= high(ax, dx, target.width); x++) {
          const along = square > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square)) : 0;
          const share = Math.min(1, reach - Math.hypot(x - ax - along * dx, y - ay - along * dy));
          const at = y * target.width + x;
          if (share > (covered.get(at) ?? 0)) covered.set(at, share);
        }
      }
    }
  }
  for (const [at, share] of covered) {
    for (let channel = 0; channel < 3; channel++) {
      const under = target.data[3 * at + channel]!;
      target.data[3 * at + channel] = Math.round(under + (colour[channel]! - under) * share);
    }
  }
}
