import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, constantBytes, Graph, neg, peakBytes, reduceSum, reshape } from './index.js';

test('a value is alive from where it is made to where it is last read', () => {
  const graph = new Graph();
  const x = graph.input('x', [100]);
  const a = neg(x);
  const b = neg(a);
  const c = neg(b);
  // Two of the chain at a time.
  assert.equal(peakBytes([c]), 2 * 400);
  // `a` is kept for the sum.
  assert.equal(peakBytes([add(a, c)]), 3 * 400);
});

test('outputs are kept, views cost nothing, inputs and constants are not counted', () => {
  const graph = new Graph();
  const x = graph.input('x', [100]);
  const a = neg(x);
  const view = reshape(a, [10, 10]);
  assert.equal(peakBytes([view]), 400);
  const sum = reduceSum(view);
  assert.equal(peakBytes([sum]), 400 + 4);
  assert.equal(peakBytes([a, neg(view)]), 2 * 400);
  const shifted = add(x, graph.constant(new Float32Array(100)));
  assert.equal(peakBytes([shifted]), 400);
  assert.equal(constantBytes([shifted]), 400);
});
