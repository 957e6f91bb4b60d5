/** Adding at repeated indices: threads must neither lose an addition nor change its order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { Graph, gradients, warp } from '../../graph/index.js';
import { encodeOnnx } from '../../onnx/encode.js';
import { allClose } from '../../testing/all-close.js';
import { startEngine } from './index.js';

test('ScatterElements adds at heavily repeated indices with the same bytes, on any number of threads', async () => {
  const [channels, rows, slots] = [4, 50000, 3];
  const graph = new Graph();
  const shape = [channels, rows];
  const indices = graph.node('Cast', [graph.input('indices', [1, rows])], { to: 7 }, [
    { shape: [1, rows], dtype: 'int64' },
  ])[0]!;
  const spread = graph.node('Expand', [indices, graph.integers(shape)], {}, [{ shape, dtype: 'int64' }])[0]!;
  const inputs = [graph.input('into', shape), spread, graph.input('updates', shape)];
  const sum = graph.node('ScatterElements', inputs, { axis: 1, reduction: 'add' }, [{ shape }])[0]!;
  const model = encodeOnnx({ sum });
  const random = randomStream(0, 'scatter');
  const feeds = {
    into: tensor(shape),
    indices: tensor(
      [1, rows],
      Float32Array.from({ length: rows }, () => random.integer(0, slots)),
    ),
    updates: tensor(
      shape,
      Float32Array.from({ length: channels * rows }, () => random.uniform(-1, 1)),
    ),
  };
  const exact = new Float64Array(channels * rows);
  for (let index = 0; index < exact.length; index++) {
    exact[index - (index % rows) + feeds.indices.data[index % rows]!]! += feeds.updates.data[index]!;
  }
  let first: Float32Array | undefined;
  for (const threads of [1, 2]) {
    const engine = await startEngine({ device: 'cpu', threads });
    const program = await engine.load(model);
    for (let run = 0; run < 10; run++) {
      const { data } = (await engine.run(program, feeds)).sum!;
      first ??= data;
      assert.deepEqual(data, first);
    }
    await engine.close();
  }
  allClose(first!, exact, { absolute: 0.05 }, 'sums');
});

test('the gradient of a warp has the same bytes on any number of threads where all pixels read one place', async () => {
  const shape = [1, 32, 64, 64];
  const graph = new Graph();
  const source = graph.input('source', shape);
  const field = graph.input('field', [1, 2, 64, 64]);
  const seed = graph.input('seed', shape);
  const model = encodeOnnx({ gradient: gradients([{ value: warp(source, field), seed }], [source])[0]! });
  const random = randomStream(0, 'warp');
  const feeds = {
    field: tensor(
      [1, 2, 64, 64],
      Float32Array.from({ length: 8192 }, (_, k) => 20.25 - (k < 4096 ? Math.floor(k / 64) : k % 64)),
    ),
    seed: tensor(
      shape,
      Float32Array.from({ length: 32 * 4096 }, () => random.uniform(0, 1)),
    ),
    source: tensor(shape),
  };
  const total = feeds.seed.data.reduce((sum, value) => sum + value, 0);
  let first: Float32Array | undefined;
  for (const threads of [1, 2]) {
    const engine = await startEngine({ device: 'cpu', threads });
    const { source: _, ...used } = feeds;
    const program = await engine.load(model);
    for (let run = 0; run < 5; run++) {
      const { data } = (await engine.run(program, used)).gradient!;
      first ??= data;
      assert.deepEqual(data, first);
    }
    await engine.close();
  }
  const found = first!.reduce((sum, value) => sum + value, 0);
  assert.ok(Math.abs(found / total - 1) < 1e-4, `expected a sum of ${total}, found ${found}`);
});
