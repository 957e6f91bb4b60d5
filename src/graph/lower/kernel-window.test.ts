/** The Mixture of Vectors by operators of ours, and its gradients, against sums in double precision. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionsOf, sizeOf, stridesOf } from '../../core/tensor.js';
import * as g from '../index.js';
import { drawing, ownEvaluation, testOwn } from './fixtures.js';

const evaluate = ownEvaluation();

const draw = drawing('windows');
/** The product of a pixel with what lies outside of the map. */
const OUTSIDE = -1000;

/**
 * `[batch, channels of a head, heads, radius, deviation, extents]`: rows that fill vectors and that do not, maps
 * smaller than the window, logits that are far apart. Last a mean, by which all logits are below that of the outside.
 */
const cases: readonly (readonly [number, number, number, number, number, readonly number[], number?])[] = [
  [1, 8, 1, 2, 1, [16, 32]],
  [2, 8, 4, 2, 3, [7, 19]],
  [1, 3, 2, 1, 1, [5, 4]],
  [1, 8, 1, 2, 30, [6, 33]],
  [1, 8, 2, 4, 1, [3, 17]],
  [2, 8, 2, 2, 1, [5, 6, 7]],
  [1, 5, 1, 1, 2, [3, 4, 18]],
  [1, 8, 1, 2, 1, [1, 1, 1]],
  [1, 8, 1, 2, 1, [9, 21], -50],
  [1, 8, 2, 2, 1, [6, 7, 8], -50],
];

for (const [batch, depth, heads, radius, deviation, extents, mean = 0] of cases) {
  const name = `${heads} heads of ${depth}, ${[batch, ...extents].join(' × ')}, radius ${radius}${mean ? `, about ${mean}` : ''}`;
  testOwn(`windows by operators of ours, ${name}`, async () => {
    const shape = [batch, depth * heads, ...extents];
    const [query, key] = [draw(shape, deviation, mean), draw(shape, 1, -mean)];
    const [axes, pixels] = [extents.length, sizeOf(extents)];
    const dy = draw([batch, axes, ...extents], 1);
    const build = (inputs: Readonly<Record<string, g.Value>>) => ({
      y: g.windowVectors(inputs.query!, inputs.key!, { radius, heads }),
    });
    const found = await evaluate({ query, key }, build, dy);

    const exact = {
      y: new Float64Array(dy.data.length),
      'grad:query': new Float64Array(query.data.length),
      'grad:key': new Float64Array(key.data.length),
    };
    const strides = stridesOf(extents);
    const offsets = positionsOf(extents.map(() => 2 * radius + 1)).map((at) => at.map((index) => index - radius));
    for (let sample = 0; sample < batch; sample++) {
      for (let head = 0; head < heads; head++) {
        const channel = (c: number) => ((sample * depth + c) * heads + head) * pixels;
        for (const [pixel, position] of positionsOf(extents).entries()) {
          const window = offsets.map((offset) => {
            const at = position.map((own, axis) => own + offset[axis]!);
            if (at.some((place, axis) => place < 0 || place >= extents[axis]!)) {
              return { offset, place: null, product: OUTSIDE, weight: 0 };
            }
            const place = at.reduce((sum, own, axis) => sum + own * strides[axis]!, 0);
            let product = 0;
            for (let c = 0; c < depth; c++) {
              product += (query.data[channel(c) + pixel]! * key.data[channel(c) + place]!) / Math.sqrt(depth);
            }
            return { offset, place, product, weight: 0 };
          });
          const largest = Math.max(...window.map(({ product }) => product));
          let total = 0;
          for (const one of window) total += one.weight = Math.exp(one.product - largest);
          for (const one of window) one.weight /= total;
          const upstream = extents.map((_, axis) => dy.data[(sample * axes + axis) * pixels + pixel]! / heads);
          const value = (offset: readonly number[]) => offset.reduce((sum, at, axis) => sum + at * upstream[axis]!, 0);
          let mean = 0;
          for (const { offset, weight } of window) {
            mean += weight * value(offset);
            for (const [axis, at] of offset.entries()) {
              exact.y[(sample * axes + axis) * pixels + pixel]! += (weight * at) / heads;
            }
          }
          for (const { offset, place, weight } of window) {
            if (place === null) continue;
            const slope = (weight * (value(offset) - mean)) / Math.sqrt(depth);
            for (let c = 0; c < depth; c++) {
              exact['grad:query'][channel(c) + pixel]! += slope * key.data[channel(c) + place]!;
              exact['grad:key'][channel(c) + place]! += slope * query.data[channel(c) + pixel]!;
            }
          }
        }
      }
    }
    for (const [result, expected] of Object.entries(exact)) {
      const wrong = Math.hypot(...expected.map((value, k) => value - found[result]!.data[k]!));
      const off = wrong / Math.max(Math.hypot(...expected), 1e-6);
      assert.ok(off < 1e-6 * Math.max(2, deviation, 4 * mean ** 2), `${result} is off by ${off}`);
    }
  });
}

test('heads of more channels than there are registers for are left to the runtime', () => {
  const ofOurs = (channels: number) => {
    const graph = new g.Graph('own');
    const [query, key] = ['query', 'key'].map((name) => graph.input(name, [1, channels, 8, 8]));
    g.windowVectors(query!, key!, { radius: 1, heads: 1 });
    return graph.nodes.filter(({ op }) => op.startsWith('cover.')).length;
  };
  assert.deepEqual([8, 9].map(ofOurs), [1, 0]);
});
