/** Warps by operators of ours, and their gradients, against sums in double precision. */
import assert from 'node:assert/strict';

import { sizeOf, stridesOf } from '../../core/tensor.js';
import * as g from '../index.js';
import { drawing, ownEvaluation, testOwn } from './fixtures.js';

const evaluate = ownEvaluation();

const draw = drawing('warps');
const range = (count: number) => Array.from({ length: count }, (_, k) => k);

/** What a warp reads at a pixel: of each corner its place, its share, and how the share grows along each axis. */
function cornersAt(position: readonly number[], extents: readonly number[]) {
  const strides = stridesOf(extents);
  return range(2 ** extents.length).map((corner) => {
    const sides = extents.map((extent, axis) => {
      const side = (corner >> (extents.length - 1 - axis)) & 1;
      const low = Math.floor(position[axis]!);
      const place = low + side;
      const share = side === 1 ? position[axis]! - low : 1 - (position[axis]! - low);
      return { place, share, slope: 2 * side - 1, inside: place >= 0 && place < extent };
    });
    const inside = sides.every((side) => side.inside);
    const product = (numbers: readonly number[]) => (inside ? numbers.reduce((a, b) => a * b, 1) : 0);
    return {
      place: inside ? sides.reduce((sum, { place }, axis) => sum + place * strides[axis]!, 0) : 0,
      share: product(sides.map(({ share }) => share)),
      slopes: range(sides.length).map((axis) =>
        product(sides.map(({ share, slope }, other) => (other === axis ? slope : share))),
      ),
    };
  });
}

/** `[batch, channels, extents]`: pixels that fill vectors and that do not, groups of channels of each size. */
const cases: readonly (readonly [number, number, readonly number[]])[] = [
  [1, 3, [16, 16]],
  [2, 8, [13, 21]],
  [1, 1, [4, 4]],
  [2, 7, [5, 6, 4]],
  [1, 32, [9, 11, 10]],
  [1, 2, [3, 3, 3]],
];

for (const [batch, channels, extents] of cases) {
  const name = `${channels} channels, ${[batch, ...extents].join(' × ')}`;
  testOwn(`warp by operators of ours, ${name}`, async () => {
    const pixels = sizeOf(extents);
    const [source, field] = [draw([batch, channels, ...extents]), draw([batch, extents.length, ...extents], 2)];
    const dy = draw(source.shape);
    field.data[0] = Number.NaN;
    field.data[1] = 1e30;
    field.data[2] = -1e30;
    const build = (x: Readonly<Record<string, g.Value>>) => ({ y: g.warp(x.source!, x.field!) });
    const found = await evaluate({ source, field }, build, dy);

    const exact = {
      y: new Float64Array(source.data.length),
      'grad:source': new Float64Array(source.data.length),
      'grad:field': new Float64Array(field.data.length),
    };
    for (const sample of range(batch)) {
      for (const pixel of range(pixels)) {
        const strides = stridesOf(extents);
        const own = extents.map((extent, axis) => Math.floor(pixel / strides[axis]!) % extent);
        const at = (axis: number) => (sample * extents.length + axis) * pixels + pixel;
        // Positions are sums of float32.
        const position = own.map((place, axis) => Math.fround(place + field.data[at(axis)]!));
        const read = cornersAt(position, extents);
        for (const channel of range(channels)) {
          const first = (sample * channels + channel) * pixels;
          const slope = dy.data[first + pixel]!;
          for (const { place, share, slopes } of read) {
            exact.y[first + pixel]! += share * source.data[first + place]!;
            exact['grad:source'][first + place]! += share * slope;
            for (const [axis, grows] of slopes.entries())
              exact['grad:field'][at(axis)]! += grows * slope * source.data[first + place]!;
          }
        }
      }
    }
    for (const [key, expected] of Object.entries(exact)) {
      const { data } = found[key]!;
      const wrong = Math.hypot(...data.map((value, k) => value - expected[k]!));
      const whole = Math.hypot(...expected);
      assert.ok(wrong / whole < 5e-7, `${key} is off by ${wrong / whole}`);
    }
  });
}
