/** An RGB raster with what a montage needs: pixels, copies, lines, arrows and short texts. No anti-aliasing. */
import { invariant } from '../core/errors.js';
import type { Colour } from './colour.js';

/** 8 bit RGB, row-major; `data.length` is `height · width · 3`. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** A picture of one colour. */
export function picture(height: number, width: number, [red, green, blue]: Colour = [0, 0, 0]): Picture {
  const data = new Uint8Array(height * width * 3);
  for (let at = 0; at < data.length; at += 3) {
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
  }
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
    for (let column = 0; column < width; column++, at += 3) result.data.set(colour(row, column), at);
  }
  return result;
}

/** Repeats each pixel `zoom` × `zoom` times. */
export function enlarge(source: Picture, zoom: number): Picture {
  invariant(Number.isInteger(zoom) && zoom >= 1, `a zoom is a whole number of at least 1, found ${zoom}`);
  if (zoom === 1) return source;
  return paint(source.height * zoom, source.width * zoom, (row, column) =>
    pixelAt(source, Math.floor(row / zoom), Math.floor(column / zoom)),
  );
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

/** A line of one pixel's width. */
export function line(
  target: Picture,
  row0: number,
  column0: number,
  row1: number,
  column1: number,
  colour: Colour,
): void {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(row1 - row0), Math.abs(column1 - column0))));
  for (let step = 0; step <= steps; step++) {
    const t = step / steps;
    setPixel(target, row0 + (row1 - row0) * t, column0 + (column1 - column0) * t, colour);
  }
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
  const length = Math.hypot(row1 - row0, column1 - column0);
  if (length < 1) {
    setPixel(target, row0, column0, colour);
    return;
  }
  line(target, row0, column0, row1, column1, colour);
  const angle = Math.atan2(row1 - row0, column1 - column0);
  const head = Math.min(5, Math.max(2, length * 0.4));
  for (const turn of [2.6, -2.6]) {
    line(target, row1, column1, row1 + head * Math.sin(angle + turn), column1 + head * Math.cos(angle + turn), colour);
  }
}

/** The height of a text's letters and the width of one letter with its gap, in pixels. */
export const textHeight = 7;
export const letterWidth = 6;

/** Writes a short text with its upper left corner at (row, column); a letter that the font lacks is a gap. */
export function text(target: Picture, row: number, column: number, words: string, colour: Colour): void {
  [...words].forEach((letter, index) => {
    const glyph = font[letter] ?? '';
    for (let x = 0; x < glyph.length / 2; x++) {
      const bits = Number.parseInt(glyph.slice(2 * x, 2 * x + 2), 16);
      for (let y = 0; y < textHeight + 1; y++) {
        if (bits & (1 << y)) setPixel(target, row + y, column + index * letterWidth + x, colour);
      }
    }
  });
}

/** The usual 5 × 7 dot-matrix letters: five columns of two hexadecimal digits, lowest bit at the top. */
// biome-ignore format: a table
const font: Readonly<Record<string, string>> = {
  '%': '2313086462', '(': '001C224100', ')': '0041221C00', '+': '08083E0808', ',': '0050300000', '-': '0808080808',
  '.': '0060600000', '/': '2010080402', ':': '0036360000', '=': '1414141414', 0: '3E5149453E', 1: '00427F4000',
  2: '4261514946', 3: '2141454B31', 4: '1814127F10', 5: '2745454539', 6: '3C4A494930', 7: '0171090503', 8: '3649494936',
  9: '064949291E', A: '7E1111117E', B: '7F49494936', C: '3E41414122', D: '7F4141221C', E: '7F49494941', F: '7F09090901',
  G: '3E4149497A', H: '7F0808087F', I: '00417F4100', J: '2040413F01', K: '7F08142241', L: '7F40404040', M: '7F020C027F',
  N: '7F0408107F', O: '3E4141413E', P: '7F09090906', Q: '3E4151215E', R: '7F09192946', S: '4649494931', T: '01017F0101',
  U: '3F4040403F', V: '1F2040201F', W: '3F4038403F', X: '6314081463', Y: '0708700807', Z: '6151494543', a: '2054545478',
  b: '7F48444438', c: '3844444420', d: '384444487F', e: '3854545418', f: '087E090102', g: '0C5252523E', h: '7F08040478',
  i: '00447D4000', j: '2040443D00', k: '7F10284400', l: '00417F4000', m: '7C04180478', n: '7C08040478', o: '3844444438',
  p: '7C14141408', q: '081414187C', r: '7C08040408', s: '4854545420', t: '043F444020', u: '3C4040207C', v: '1C2040201C',
  w: '3C4030403C', x: '4428102844', y: '0C5050503C', z: '4464544C44',
};
