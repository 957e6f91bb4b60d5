/** What tests of operators of ours share. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { ownVectors } from '../../engine/node/native/available.js';
import type { Vectors } from '../../kernels/assembled.js';
import { asBuilt } from '../../testing/as-built.js';
import { evaluate } from '../../testing/golden/evaluate.js';
import type { Value } from '../index.js';

/** The vectors that operators of ours can have here. */
const works: readonly Vectors[] = { avx512: ['avx512', 'avx2'] as const, avx2: ['avx2'] as const, none: [] }[
  ownVectors() ?? 'none'
];
let current: Vectors;

/** A test with each kind of vectors that operators of ours have here; where they do not work it is skipped. */
export function testOwn(name: string, body: () => Promise<void> | void): void {
  if (works.length === 0) test.skip(name, body);
  for (const vectors of works) {
    test(`${name} (${vectors})`, () => {
      current = vectors;
      return body();
    });
  }
}

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
  const engines = new Map<Vectors, readonly [two: Engine, one: Engine]>();
  const started = async (threads: number) => asBuilt(await startEngine({ device: 'cpu', threads }));
  before(async () => {
    const { COVER_KERNELS: asked } = process.env;
    for (const vectors of works) {
      process.env.COVER_KERNELS = vectors === 'avx2' ? 'avx2' : 'on';
      engines.set(vectors, [await started(2), await started(1)]);
    }
    if (asked === undefined) delete process.env.COVER_KERNELS;
    else process.env.COVER_KERNELS = asked;
  });
  after(() => Promise.all([...engines.values()].flat().map((engine) => engine.close())));
  return async (inputs: Readonly<Record<string, Tensor>>, build: Build, dy: Tensor) => {
    const options = { target: 'own', upstream: { y: dy }, wanted: Object.keys(inputs) } as const;
    const [two, one] = engines.get(current)!;
    const found = await evaluate(two, inputs, build, options);
    const again = await evaluate(one, inputs, build, options);
    for (const [key, { data }] of Object.entries(found)) assert.deepEqual(again[key]!.data, data, `${key}, one thread`);
    return found;
  };
}
