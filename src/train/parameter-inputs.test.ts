/** Parameters as views of a vector: on the CPU and as a GPU has it, the gradient is the same vector. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { type Engine, loadGraph } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { add, Graph, mul, reduceSum, square, type Target } from '../graph/index.js';
import { asBuilt } from '../testing/as-built.js';
import { gradientOutputs, parameterInputs, vectorState, vectorUpdate } from './parameter-inputs.js';

const specs = [
  { name: 'a', shape: [2, 2] },
  { name: 'unused', shape: [3] },
  { name: 'b', shape: [1] },
];

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

/** The gradient of Σ a² + 5 Σ b, twice in a row; with `keep` the second is added to the first. */
async function gradientTwice(target: Target, accumulate: boolean): Promise<number[]> {
  const graph = new Graph(target);
  const { parameters, inputs } = parameterInputs(graph, 'theta', specs);
  const loss = add(reduceSum(square(parameters.get('a')!)), mul(reduceSum(parameters.get('b')!), 5));
  const keep = accumulate ? graph.input('keep', [1]) : null;
  const program = await loadGraph(engine, gradientOutputs(loss, { gradient: { specs, inputs } }, keep));
  await engine.setState('theta', tensor([8], Float32Array.of(1, 2, 3, 4, 9, 9, 9, 7)));
  await engine.clearState('gradient', [8]);
  const theta = vectorState(target, 'theta', specs);
  const state = accumulate ? { ...theta, ...vectorState(target, 'gradient', specs) } : theta;
  const update = vectorUpdate(target, 'gradient', specs);
  for (const factor of [0, 1]) {
    await engine.run(program, accumulate ? { keep: tensor([1], Float32Array.of(factor)) } : {}, { state, update });
  }
  return [...(await engine.getState('gradient')).data];
}

for (const target of ['cpu', 'gpu'] as const) {
  test(`${target}: each gradient lies in its place; a parameter that does not matter has zeros`, async () => {
    assert.deepEqual(await gradientTwice(target, false), [2, 4, 6, 8, 0, 0, 0, 5]);
  });

  test(`${target}: micro-batches add up`, async () => {
    assert.deepEqual(await gradientTwice(target, true), [4, 8, 12, 16, 0, 0, 0, 10]);
  });
}
