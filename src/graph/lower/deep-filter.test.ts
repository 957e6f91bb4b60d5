/** The convolution of a volume by a minimal filter along the depth, against one in double precision. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { positionsOf, sizeOf, tensor } from '../../core/tensor.js';
import { type Engine, loadGraph } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { asBuilt } from '../../testing/as-built.js';
import * as g from '../index.js';
import { deepFilterPays } from './deep-filter.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

const onX64 = process.arch === 'x64' ? test : test.skip;
const taps = positionsOf([3, 3, 3]);

/** Relative to what is in double precision, over every so many elements. */
async function errorOf(extents: readonly number[], channels: readonly number[], out: number, every: number) {
  const random = randomStream('deep filter', extents.join());
  const draw = (shape: readonly number[], deviation = 1) =>
    tensor(
      shape,
      new Float32Array(sizeOf(shape)).map(() => random.normal(0, deviation)),
    );
  const all = channels.reduce((a, b) => a + b);
  const parts = Object.fromEntries(channels.map((count, k) => [`x${k}`, draw([1, count, ...extents])] as const));
  const weight = draw([out, all, 3, 3, 3], Math.sqrt(2 / (27 * all)));
  const bias = draw([out]);
  const graph = new g.Graph('x64');
  const maps = Object.entries(parts).map(([name, { shape }]) => graph.input(name, shape));
  const y = g.conv(g.concat(maps, 1), graph.input('weight', weight.shape), graph.input('bias', [out]));
  const convs = graph.nodes.filter(({ attributes }) => attributes.group === 6);
  const { data } = (await engine.run(await loadGraph(engine, { y }), { ...parts, weight, bias })).y!;

  const values = channels.flatMap((count, k) =>
    Array.from({ length: count }, (_, c) => {
      const pixels = sizeOf(extents);
      return parts[`x${k}`]!.data.subarray(c * pixels, (c + 1) * pixels);
    }),
  );
  const [depth, height, width] = extents as [number, number, number];
  let [wrong, whole] = [0, 0];
  for (let index = 0; index < data.length; index += every) {
    const o = Math.floor(index / sizeOf(extents));
    const at = [Math.floor(index / (height * width)) % depth, Math.floor(index / width) % height, index % width];
    let sum = bias.data[o]!;
    taps.forEach((tap, t) => {
      const [z, row, column] = tap.map((by, axis) => at[axis]! + by - 1) as [number, number, number];
      if (![z, row, column].every((place, axis) => place >= 0 && place < extents[axis]!)) return;
      const place = (z * height + row) * width + column;
      for (let c = 0; c < all; c++) sum += weight.data[(o * all + c) * 27 + t]! * values[c]![place]!;
    });
    wrong += (data[index]! - sum) ** 2;
    whole += sum ** 2;
  }
  return { error: Math.sqrt(wrong / whole), convs: convs.length };
}

onX64('a volume whose last tile reaches beyond it', async () => {
  const { error, convs } = await errorOf([11, 16, 16], [48, 16], 32, 7);
  assert.equal(convs, 2);
  assert.ok(error < 2e-6, `relative error ${error}`);
});

onX64('a volume in bands', async () => {
  const { error, convs } = await errorOf([40, 80, 80], [48], 16, 307);
  assert.equal(convs, 2);
  assert.ok(error < 2e-6, `relative error ${error}`);
});

test('it pays where few products are wasted, and matrices are not large', () => {
  const graph = new g.Graph('plain');
  const pays = (depth: number, out: number, kernel = [3, 3, 3]) =>
    deepFilterPays(
      graph.input(`${depth} ${out} ${kernel}`, [1, 16, depth, 32, 32]),
      graph.input(`w${depth} ${out} ${kernel}`, [out, 16, ...kernel]),
    );
  const depths = Array.from({ length: 13 }, (_, index) => index + 1);
  assert.deepEqual(
    depths.filter((depth) => pays(depth, 16)),
    [3, 4, 6, 7, 8, 9, 10, 11, 12, 13],
  );
  assert.deepEqual([pays(128, 16), pays(132, 16), pays(132, 32)], [true, false, true]);
  assert.equal(pays(8, 16, [5, 3, 3]), false);
  const few = graph.input('few', [1, 16, 4, 16, 16]);
  assert.equal(deepFilterPays(few, graph.input('w', [16, 16, 3, 3, 3])), false);
});
