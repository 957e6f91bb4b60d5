import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sizeOf } from '../core/tensor.js';
import type { Engine } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { initialParameters } from '../nn/index.js';
import { coverMethod } from '../pretrain/cover/method.js';
import { type CoverOptions, coverSpecs } from '../pretrain/cover/step.js';
import { GROUP, objectiveOf } from '../pretrain/methods.js';
import type { BatchArrays } from './objective.js';
import { defaultOptimizer } from './optimizer.js';
import { createTrainer, type Trainer } from './trainer.js';

const crop = [32, 32];
const pixels = sizeOf(crop);
const cover: CoverOptions = {
  dims: 2,
  inputs: 1,
  channels: [8, 8, 8, 8, 8, 8, 8, 8, 8],
  heads: [1, 1, 1, 1, 1],
  window: 1,
  warp: 'aligned',
};

let engine: Engine | undefined;
let trainer: Promise<Trainer> | undefined;
after(() => engine?.close());

function startTrainer(): Promise<Trainer> {
  trainer ??= (async () => {
    engine = await startEngine({ device: 'cpu', threads: 1 });
    const made = await createTrainer(engine, {
      objective: objectiveOf(coverMethod(cover), crop),
      optimizer: defaultOptimizer,
      batch: 1,
      micro: 1,
    });
    await made.setState(new Map([[`${GROUP}.theta`, initialParameters(coverSpecs(cover), 0)]]));
    return made;
  })();
  return trainer;
}

/** A good batch, with one part poisoned. */
function batch(poison: BatchArrays = {}): BatchArrays {
  const wave = Float32Array.from({ length: pixels }, (_, index) => 0.5 + 0.4 * Math.sin(index / 7));
  const field = new Float32Array(2 * pixels).fill(1.5);
  return {
    moving: wave,
    fixed: wave.map((value) => 1 - value),
    field,
    mask: new Float32Array(pixels).fill(1),
    ...poison,
  };
}

/** A mask whose parts cancel in the sum: the loss stays finite while the squares of the gradient overflow. */
function overflowing(): Float32Array {
  return Float32Array.from({ length: pixels }, (_, index) => (index % 2 ? 1e24 : -1e24));
}

const poisons: readonly (readonly [string, BatchArrays, RegExp])[] = [
  ['a NaN in a view', batch({ moving: new Float32Array(pixels).fill(Number.NaN) }), /the loss is NaN/],
  ['a gradient whose norm overflows', batch({ mask: overflowing() }), /the norm of the gradient is (Infinity|NaN)/],
];
for (const [what, poisoned, message] of poisons) {
  test(`${what} ends the step and leaves parameters and moments as they were`, async () => {
    const one = await startTrainer();
    await one.step(batch(), { [GROUP]: { rate: 1e-3, step: 1 } });
    const before = await one.state();
    await assert.rejects(one.step(poisoned, { [GROUP]: { rate: 1e-3, step: 2 } }), { code: 'diverged', message });
    assert.deepEqual(await one.state(), before);
    const { loss } = await one.step(batch(), { [GROUP]: { rate: 1e-3, step: 2 } });
    assert.ok(Number.isFinite(loss));
    assert.notDeepEqual(await one.state(), before);
  });
}
