/** Pooling and upsampling by operators of ours, and their gradients, against the plain operators' definition. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionsOf, sizeOf, stridesOf, type Tensor } from '../../core/tensor.js';
import * as g from '../index.js';
import { drawing, ownEvaluation, testOwn } from './fixtures.js';

const evaluate = ownEvaluation();

const draw = drawing('scales');

/** `[batch, channels, ...extents]`: images and volumes, a single pixel among them. */
const shapes: readonly (readonly number[])[] = [
  [1, 16, 2, 2],
  [2, 32, 12, 20],
  [3, 48, 6, 34],
  [1, 16, 2, 4, 6],
  [2, 32, 8, 6, 10],
];

/** The places of a map's pixels, plane by plane: `visit` is given the first number of a plane. */
function eachPlane({ shape }: Tensor, visit: (first: number, plane: number) => void): void {
  const pixels = sizeOf(shape.slice(2));
  for (let plane = 0; plane < shape[0]! * shape[1]!; plane++) visit(plane * pixels, plane);
}

const placeOf = (extents: readonly number[], position: readonly number[]) =>
  stridesOf(extents).reduce((place, stride, axis) => place + stride * position[axis]!, 0);

for (const shape of shapes) {
  const extents = shape.slice(2);
  testOwn(`pooling by operators of ours, ${shape.join(' × ')}`, async () => {
    const x = draw(shape);
    // Equal ones, of which the first is taken.
    for (let k = 0; k < x.data.length; k += 3) x.data[k] = 1;
    const half = extents.map((extent) => extent / 2);
    const dy = draw([...shape.slice(0, 2), ...half]);
    const found = await evaluate({ x }, (inputs) => ({ y: g.maxPool(inputs.x!) }), dy);
    const [y, dx] = [new Float32Array(dy.data.length), new Float32Array(x.data.length)];
    eachPlane(x, (first, plane) => {
      for (const [pixel, position] of positionsOf(half).entries()) {
        const window = positionsOf(extents.map(() => 2)).map(
          (side) =>
            first +
            placeOf(
              extents,
              position.map((at, axis) => 2 * at + side[axis]!),
            ),
        );
        const largest = Math.max(...window.map((place) => x.data[place]!));
        const at = plane * sizeOf(half) + pixel;
        y[at] = largest;
        dx[window.find((place) => x.data[place] === largest)!] = dy.data[at]!;
      }
    });
    assert.deepEqual(found.y!.data, y);
    assert.deepEqual(found['grad:x']!.data, dx);
  });

  const small = extents.map((extent) => extent / 2);
  testOwn(`upsampling by operators of ours, ${[...shape.slice(0, 2), ...small].join(' × ')}`, async () => {
    const x = draw([...shape.slice(0, 2), ...small]);
    const dy = draw(shape);
    const found = await evaluate({ x }, (inputs) => ({ y: g.upsample(inputs.x!) }), dy);
    const [y, dx] = [new Float64Array(dy.data.length), new Float64Array(x.data.length)];
    eachPlane(dy, (first, plane) => {
      for (const [pixel, position] of positionsOf(extents).entries()) {
        for (const side of positionsOf(extents.map(() => 2))) {
          let [share, source] = [1, [] as number[]];
          for (const [axis, at] of position.entries()) {
            const where = (at - 0.5) / 2;
            const low = Math.floor(where);
            share *= side[axis] === 1 ? where - low : 1 - (where - low);
            source = [...source, Math.min(Math.max(low + side[axis]!, 0), small[axis]! - 1)];
          }
          const place = plane * sizeOf(small) + placeOf(small, source);
          y[first + pixel]! += share * x.data[place]!;
          dx[place]! += share * dy.data[first + pixel]!;
        }
      }
    });
    for (const [key, expected] of [['y', y] as const, ['grad:x', dx] as const]) {
      const wrong = Math.hypot(...expected.map((value, k) => value - found[key]!.data[k]!));
      const off = wrong / Math.hypot(...expected);
      assert.ok(off < 3e-7, `${key} is off by ${off}`);
    }
  });
}

test('maps whose channels fill no block, and odd ones, are left to the runtime', () => {
  const ofOurs = (build: (x: g.Value) => g.Value, shape: readonly number[]) => {
    const graph = new g.Graph('own');
    build(graph.input('x', shape));
    return graph.nodes.filter(({ op }) => op.startsWith('cover.')).length;
  };
  assert.deepEqual([ofOurs(g.maxPool, [1, 16, 8, 8]), ofOurs(g.upsample, [1, 16, 8, 8])], [1, 1]);
  assert.deepEqual([ofOurs(g.maxPool, [1, 8, 8, 8]), ofOurs(g.upsample, [1, 8, 8, 8])], [0, 0]);
  assert.equal(ofOurs(g.maxPool, [1, 16, 8, 9]), 0);
});
