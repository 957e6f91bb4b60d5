/** The convolutions by operators of ours, and their gradients, against sums in double precision. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../core/tensor.js';
import * as g from '../index.js';
import { drawing, ownEvaluation, testOwn } from './fixtures.js';

const evaluate = ownEvaluation();

const draw = drawing('kernels');

/** `[batch, channels of each part, out, extents]`: whole tiles and cut ones, odd blocks, some shares; few slices. */
const cases: readonly (readonly [number, readonly number[], number, readonly number[]])[] = [
  [1, [16], 16, [24, 24]],
  [2, [32, 16], 48, [21, 30]],
  [1, [64, 32], 32, [64, 64]],
  [3, [80], 144, [13, 18]],
  [1, [16], 32, [5, 67]],
  [1, [16], 16, [8, 16, 16]],
  [2, [32, 16], 48, [7, 13, 18]],
  [1, [80], 112, [11, 9, 14]],
  [1, [16], 32, [1, 40, 40]],
  [2, [32], 32, [2, 21, 30]],
];

for (const [batch, channels, out, extents] of cases) {
  const name = `${channels.join(' and ')} to ${out} channels, ${[batch, ...extents].join(' × ')}`;
  const kernel = extents.map(() => 3);
  testOwn(`conv of ${kernel.join(' × ')} by an operator of ours, ${name}`, async () => {
    const all = channels.reduce((a, b) => a + b);
    const parts = channels.map((count) => draw([batch, count, ...extents]));
    const [weight, bias, dy] = [draw([out, all, ...kernel]), draw([out]), draw([batch, out, ...extents])];
    const inputs: Record<string, Tensor> = { weight, bias };
    for (const [k, part] of parts.entries()) inputs[`x${k}`] = part;
    const build = (x: Readonly<Record<string, g.Value>>) => {
      const maps = channels.map((_, k) => x[`x${k}`]!);
      return { y: g.conv(maps.length > 1 ? g.concat(maps, 1) : maps[0]!, x.weight!, x.bias) };
    };
    const found = await evaluate(inputs, build, dy);

    const range = (count: number) => Array.from({ length: count }, (_, k) => k);
    const indexOf = (shape: readonly number[], position: readonly number[]) =>
      shape.reduce((index, extent, axis) => index * extent + position[axis]!, 0);
    const at = ({ data, shape }: Tensor, n: number, c: number, pixel: readonly number[]) => {
      const inside = pixel.every((place, axis) => place >= 0 && place < extents[axis]!);
      return inside ? data[indexOf(shape, [n, c, ...pixel])]! : 0;
    };
    const map = (n: number, channel: number, pixel: readonly number[]) => {
      let c = channel;
      for (const part of parts) {
        if (c < part.shape[1]!) return at(part, n, c, pixel);
        c -= part.shape[1]!;
      }
      return assert.fail();
    };
    const tap = (o: number, c: number, place: readonly number[]) =>
      weight.data[indexOf(weight.shape, [o, c, ...place])]!;
    const places = (shape: readonly number[]) =>
      shape.reduce<number[][]>((all, extent) => all.flatMap((place) => range(extent).map((k) => [...place, k])), [[]]);
    const [taps, pixels] = [places(kernel), places(extents)];
    const moved = (pixel: readonly number[], place: readonly number[], sign: number) =>
      pixel.map((value, axis) => value + sign * (place[axis]! - 1));
    const sum = (terms: readonly number[]) => terms.reduce((a, b) => a + b, 0);

    const check = (key: string, exact: (index: readonly number[]) => number, shape: readonly number[]) => {
      let [wrong, whole] = [0, 0];
      const { data } = found[key]!;
      const step = Math.max(1, Math.floor(data.length / 150));
      for (let index = 0; index < data.length; index += step) {
        const position: number[] = [];
        let rest = index;
        for (const extent of shape.toReversed()) {
          position.unshift(rest % extent);
          rest = Math.floor(rest / extent);
        }
        const expected = exact(position);
        wrong += (data[index]! - expected) ** 2;
        whole += expected ** 2;
      }
      assert.ok(Math.sqrt(wrong / whole) < 2e-6, `${key} is off by ${Math.sqrt(wrong / whole)}`);
    };
    check(
      'y',
      ([n, o, ...pixel]) =>
        bias.data[o!]! +
        sum(range(all).flatMap((c) => taps.map((place) => tap(o!, c, place) * map(n!, c, moved(pixel, place, 1))))),
      dy.shape,
    );
    check(
      'grad:weight',
      ([o, c, ...place]) =>
        sum(
          range(batch).flatMap((n) => pixels.map((pixel) => at(dy, n, o!, pixel) * map(n, c!, moved(pixel, place, 1)))),
        ),
      weight.shape,
    );
    let begin = 0;
    for (const [k, part] of parts.entries()) {
      const first = begin;
      check(
        `grad:x${k}`,
        ([n, c, ...pixel]) =>
          sum(
            range(out).flatMap((o) =>
              taps.map((place) => tap(o, first + c!, place) * at(dy, n!, o, moved(pixel, place, -1))),
            ),
          ),
        part.shape,
      );
      begin += part.shape[1]!;
    }
  });
}

test('a convolution of few tiles is left to the runtime', () => {
  const ofOurs = (extent: number) => {
    const graph = new g.Graph('own');
    g.conv(graph.input('x', [1, 32, extent, extent]), graph.input('weight', [32, 32, 3, 3]));
    return graph.nodes.filter(({ op }) => op === 'cover.Conv').length;
  };
  assert.deepEqual([16, 24].map(ofOurs), [0, 1]);
});
