/** What tests of operators of ours share. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { ownOperatorsWork } from '../../engine/node/native/available.js';
import { asBuilt } from '../../testing/as-built.js';
import { evaluate } from '../../testing/golden/evaluate.js';
import type { Value } from '../index.js';

/** A test where operators of ours work; elsewhere it is skipped. */
export const testOwn = ownOperatorsWork() ? test : test.skip;

/** Draws tensors of normal numbers, one after the other from a stream of this name. */
export function drawing(name: string) {
  const random = randomStream(name);
  return (shape: readonly number[], deviation = 1, mean = 0) =>
    tensor(
      shape,
      new Float32Array(sizeOf(shape)).map(() => random.normal(mean, deviation)),
    );
}

type Build = (inputs: Readonly<Record<string, Value>>) => { readonly y: Value };

/**
 * For a file of tests: computes `y` and the gradients of all inputs, whose bits may not depend on the number of
 * threads.
 */
export function ownEvaluation() {
  let engines: readonly [two: Engine, one: Engine];
  const started = async (threads: number) => asBuilt(await startEngine({ device: 'cpu', threads }));
  before(async () => {
    engines = [await started(2), await started(1)];
  });
  after(() => Promise.all(engines.map((engine) => engine.close())));
  return async (inputs: Readonly<Record<string, Tensor>>, build: Build, dy: Tensor) => {
    const options = { target: 'avx512', upstream: { y: dy }, wanted: Object.keys(inputs) } as const;
    const found = await evaluate(engines[0], inputs, build, options);
    const again = await evaluate(engines[1], inputs, build, options);
    for (const [key, { data }] of Object.entries(found)) assert.deepEqual(again[key]!.data, data, `${key}, one thread`);
    return found;
  };
}
