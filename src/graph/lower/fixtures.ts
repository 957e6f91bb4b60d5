/** What tests of operators of ours share. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { ownOperators } from '../../engine/node/native/available.js';
import { asBuilt } from '../../testing/as-built.js';
import { evaluate } from '../../testing/golden/evaluate.js';
import type { Value } from '../index.js';

const own = ownOperators();

/** A test where operators of ours work; elsewhere it is skipped. */
export const testOwn = 'vectors' in own ? test : test.skip;

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
 * For a file of tests: computes `y` and the gradients of all inputs, whose bits may depend neither on the number of
 * threads nor on the vectors.
 */
export function ownEvaluation() {
  const engines: Engine[] = [];
  const start = async (threads: number) => {
    engines.push(asBuilt(await startEngine({ device: 'cpu', threads })));
  };
  before(async () => {
    await start(2);
    await start(1);
    if ('missing' in own || own.vectors === 'avx2') return;
    const { COVER_KERNELS: asked } = process.env;
    process.env.COVER_KERNELS = 'avx2';
    await start(2);
    if (asked === undefined) delete process.env.COVER_KERNELS;
    else process.env.COVER_KERNELS = asked;
  });
  after(() => Promise.all(engines.map((engine) => engine.close())));
  return async (inputs: Readonly<Record<string, Tensor>>, build: Build, dy: Tensor) => {
    const options = { target: 'own', upstream: { y: dy }, wanted: Object.keys(inputs) } as const;
    const [found, ...others] = await Promise.all(engines.map((engine) => evaluate(engine, inputs, build, options)));
    for (const other of others) {
      for (const [key, { data }] of Object.entries(found!)) assert.deepEqual(other[key]!.data, data, key);
    }
    return found!;
  };
}
