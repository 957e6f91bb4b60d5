import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { loadGraph } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { asBuilt } from '../testing/as-built.js';
import { add, Graph, leakyRelu, matmul, neg, reachable, recompute, reduceSum, type Value } from './index.js';

const SIDE = 1024;

/** A product, what follows it, and much that is computed before both are asked for again. */
function late(between: number, keepsProduct = true, side = SIDE) {
  const graph = new Graph('cpu');
  const [x, w] = [graph.input('x', [side, side]), graph.input('w', [side, side])];
  const product = matmul(x, w);
  const active = leakyRelu(product);
  let total: Value = reduceSum(active);
  for (let count = 0; count < between; count++) total = neg(total);
  const second = matmul(active, add(w, total));
  return { y: keepsProduct ? add(second, product) : second };
}

/** The outputs, of which what is asked for late is made again. */
function made<T extends Readonly<Record<string, Value>>>(outputs: T): T {
  recompute(Object.values(outputs));
  return outputs;
}

const operators = (outputs: Readonly<Record<string, Value>>) =>
  reachable(Object.values(outputs))
    .map(({ op }) => op)
    .filter((op) => op === 'MatMul' || op === 'LeakyRelu' || op === 'Add');

test('what a pass makes of a value that is kept is made again where it is asked for much later', async () => {
  const kept = late(300);
  const again = made(late(300));
  assert.deepEqual(operators(kept), ['MatMul', 'LeakyRelu', 'Add', 'MatMul', 'Add']);
  assert.deepEqual(operators(again), ['MatMul', 'LeakyRelu', 'Add', 'LeakyRelu', 'MatMul', 'Add']);
  const random = randomStream('recompute');
  const drawn = () =>
    tensor(
      [SIDE, SIDE],
      Float32Array.from({ length: SIDE * SIDE }, () => random.normal()),
    );
  const feeds = { x: drawn(), w: drawn() };
  const engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
  const [one, other] = [
    await engine.run(await loadGraph(engine, kept), feeds),
    await engine.run(await loadGraph(engine, again), feeds),
  ];
  await engine.close();
  assert.deepEqual(other.y!.data, one.y!.data);
});

test('what is asked for soon is kept, and so is what would have to be computed from what is not there', () => {
  const soon = late(50);
  assert.deepEqual(operators(made(late(50))), operators(soon));
  const alone = late(300, false);
  assert.deepEqual(operators(made(late(300, false))), operators(alone));
});

test('small values are kept, and all where none is large', () => {
  const graph = new Graph('cpu');
  const large = neg(graph.input('large', [1000, 1000]));
  const small = leakyRelu(matmul(graph.input('x', [4, 4]), graph.input('w', [4, 4])));
  let total: Value = reduceSum(large);
  for (let count = 0; count < 300; count++) total = neg(total);
  const outputs = { sum: add(add(small, total), reduceSum(small)) };
  const before = operators(outputs);
  assert.deepEqual(operators(made(outputs)), before);
  const little = late(300, true, 512);
  assert.deepEqual(operators(made(late(300, true, 512))), operators(little));
});
