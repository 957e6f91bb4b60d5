/** What lies in an engine and what passes to it: parts of a state, and feeds that are handed over. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tensor } from '../../core/tensor.js';
import { Graph, mul } from '../../graph/index.js';
import { type Engine, loadGraph } from '../index.js';
import { startEngine } from './index.js';

let engine: Engine;
before(async () => {
  engine = await startEngine({ device: 'cpu', threads: 1 });
});
after(() => engine.close());

/** A program that doubles `x` of a shape. */
function doubling(shape: readonly number[]): Promise<number> {
  return loadGraph(engine, { y: mul(new Graph().input('x', shape), 2) });
}

test('a program reads and replaces a part of a state and leaves the rest', async () => {
  await engine.setState('vector', tensor([7], Float32Array.of(1, 2, 3, 4, 5, 6, 7)));
  const part = { name: 'vector', begin: 1, shape: [2, 2] };
  const outputs = await engine.run(await doubling([2, 2]), {}, { state: { x: part }, update: { y: part } });
  assert.deepEqual(Object.keys(outputs), []);
  const { shape, data } = await engine.getState('vector');
  assert.deepEqual([shape, [...data]], [[7], [1, 4, 6, 8, 10, 6, 7]]);
});

test('the whole of a state can have another shape', async () => {
  await engine.setState('whole', tensor([2, 2], Float32Array.of(1, 2, 3, 4)));
  const part = { name: 'whole', begin: 0, shape: [4] };
  const { y } = await engine.run(await doubling([4]), {}, { state: { x: part } });
  assert.deepEqual([...y!.data], [2, 4, 6, 8]);
});

test('a part that does not lie within its state, and a state that is not there, are refused', async () => {
  await engine.setState('short', tensor([3]));
  const program = await doubling([2]);
  for (const begin of [-1, 2]) {
    await assert.rejects(engine.run(program, {}, { state: { x: { name: 'short', begin, shape: [2] } } }), {
      message: new RegExp(`"short" of 3 has no part of 2 from ${begin} on`),
    });
  }
  await assert.rejects(engine.run(program, {}, { state: { x: 'absent' } }), { message: /no state "absent"/ });
});

test('feeds that are handed over reach the program without a copy', async () => {
  const program = await doubling([3]);
  const x = tensor([3], Float32Array.of(1, 2, 3));
  const kept = await engine.run(program, { x });
  assert.deepEqual([[...kept.y!.data], x.data.length], [[2, 4, 6], 3]);
  const given = await engine.run(program, { x }, { handOver: true });
  assert.deepEqual([[...given.y!.data], x.data.length], [[2, 4, 6], 0]);
  const line = Float32Array.of(0, 1, 2, 3);
  const part = await engine.run(program, { x: tensor([3], line.subarray(1)) }, { handOver: true });
  assert.deepEqual([[...part.y!.data], line.length], [[2, 4, 6], 4]);
});

test('closing waits for what was asked for, and takes no more; a second time it is the same', {
  timeout: 30_000,
}, async () => {
  const other = await startEngine({ device: 'cpu', threads: 1 });
  const asked = other.setState('last', tensor([2]));
  const closed = other.close();
  await assert.rejects(other.getState('last'), /the engine is closed/);
  const again = other.close();
  await asked;
  await Promise.all([closed, again]);
  await other.close();
});
