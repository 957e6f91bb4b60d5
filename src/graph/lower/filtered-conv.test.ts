/** The convolution by a minimal filter along both axes, for weights that are fixed, against one in double precision. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, tensor } from '../../core/tensor.js';
import { type Engine, loadGraph } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { asBuilt } from '../../testing/as-built.js';
import * as g from '../index.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

const random = randomStream('minimal filter');
const draw = (shape: readonly number[], deviation = 1) =>
  tensor(
    shape,
    new Float32Array(sizeOf(shape)).map(() => random.normal(0, deviation)),
  );
const [batch, out, channels, height, width] = [2, 160, [96, 64], 72, 84] as const;
const all = channels[0] + channels[1];

(process.arch === 'x64' ? test : test.skip)('conv of a concatenation by a minimal filter', async () => {
  const feeds = {
    a: draw([batch, channels[0], height, width]),
    b: draw([batch, channels[1], height, width]),
    weight: draw([out, all, 3, 3], Math.sqrt(2 / (9 * all))),
    bias: draw([out]),
  };
  const [graph, changing] = [new g.Graph('x64'), new g.Graph('x64')];
  const build = (built: g.Graph, fixed: boolean) => {
    const [a, b] = [built.input('a', feeds.a.shape), built.input('b', feeds.b.shape)];
    const weight = built.input('weight', feeds.weight.shape, 'float32', fixed);
    const bias = built.input('bias', [out], 'float32', fixed);
    return g.conv(g.concat([a, b], 1), weight, bias);
  };
  const y = build(graph, true);
  build(changing, false);
  const few = new g.Graph('x64');
  g.conv(few.input('a', [2, 160, 12, 20]), few.input('weight', [160, 160, 3, 3], 'float32', true));
  const products = ({ nodes }: g.Graph) => nodes.filter(({ attributes }) => attributes.group === 36).length;
  assert.deepEqual([graph, changing, few].map(products), [2, 0, 0]);
  const { data } = (await engine.run(await loadGraph(engine, { y }), feeds)).y!;

  const at = (n: number, c: number, row: number, column: number) => {
    if (row < 0 || column < 0 || row >= height || column >= width) return 0;
    const [map, channel] = c < channels[0] ? [feeds.a, c] : [feeds.b, c - channels[0]];
    return map.data[((n * map.shape[1]! + channel) * height + row) * width + column]!;
  };
  let [wrong, whole] = [0, 0];
  for (let index = 0; index < data.length; index += 997) {
    const column = index % width;
    const row = Math.floor(index / width) % height;
    const o = Math.floor(index / (width * height)) % out;
    const n = Math.floor(index / (width * height * out));
    let sum = feeds.bias.data[o]!;
    for (let c = 0; c < all; c++) {
      for (let tap = 0; tap < 9; tap++) {
        const weight = feeds.weight.data[(o * all + c) * 9 + tap]!;
        sum += weight * at(n, c, row + Math.floor(tap / 3) - 1, column + (tap % 3) - 1);
      }
    }
    wrong += (data[index]! - sum) ** 2;
    whole += sum ** 2;
  }
  assert.ok(Math.sqrt(wrong / whole) < 3e-6, `relative error ${Math.sqrt(wrong / whole)}`);
});

test('what is fixed is given where a graph is cut', async () => {
  const graph = new g.Graph('cpu');
  const x = graph.input('x', [2]);
  const weight = graph.input('weight', [2], 'float32', true);
  const doubled = g.mul(weight, 2);
  const y = g.add(x, doubled);
  assert.deepEqual(g.fixedValues([y]), [doubled]);
  const program = await loadGraph(engine, { y }, new Map([[doubled, 'doubled']]));
  const feeds = { x: tensor([2], Float32Array.of(1, 2)), doubled: tensor([2], Float32Array.of(10, 20)) };
  assert.deepEqual([...(await engine.run(program, feeds)).y!.data], [11, 22]);
  await engine.unload(program);
  await assert.rejects(engine.run(program, feeds), /no program/);
});
