/** Training in mixed precision, by the rounding of float16 on a CPU, and the scale of its loss. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDivergence } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import type { Engine } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { initialParameters } from '../nn/index.js';
import { coverMethod } from '../pretrain/cover/method.js';
import { type CoverOptions, coverSpecs } from '../pretrain/cover/step.js';
import { GROUP, objectiveOf } from '../pretrain/methods.js';
import { asBuilt } from '../testing/as-built.js';
import { halfRounding } from '../testing/half-rounding.js';
import { gradientGraph } from './gradient-graph.js';
import { defaultOptimizer } from './optimizer.js';
import { checkHalf, checkPrecision, isScaling, lossScaling, type Precision, SCALING, whyNotHalf } from './precision.js';
import { createTrainer, type StepResult, type Trainer } from './trainer.js';

let engine: Engine;
before(async () => {
  // How graphs for a graphics card are built.
  engine = { ...asBuilt(await startEngine({ device: 'cpu', threads: 1 })), target: 'gpu' };
});
after(() => engine.close());

const THETA = `${GROUP}.theta`;

test('the scale is halved by a skipped step and doubled after 2000 good ones', () => {
  const scaling = lossScaling(['backbone', 'head']);
  assert.equal(scaling.scale, 65536);
  for (let step = 0; step < 1999; step++) scaling.good();
  assert.equal(scaling.scale, 65536);
  scaling.good();
  assert.equal(scaling.scale, 131072);
  scaling.skip(['head']);
  assert.deepEqual([scaling.scale, scaling.skipped], [65536, 1]);
  assert.deepEqual([scaling.skippedOf('backbone'), scaling.skippedOf('head')], [0, 1]);
  const other = lossScaling(['backbone', 'head']);
  other.setState(scaling.state());
  for (let step = 0; step < 16; step++) other.skip(['backbone', 'head']);
  assert.deepEqual([other.scale, other.skipped, other.skippedOf('head')], [1, 17, 17]);
  assert.throws(() => other.skip(['head']), isDivergence);
  for (let step = 0; step < 2000 * 40; step++) scaling.good();
  assert.equal(scaling.scale, 2 ** 24);
  for (const wrong of [[], [3, 0, 0, 0], [0.5, 0, 0, 0], [2, -1, 0, 0], [2, 0, Number.NaN, 0]]) {
    assert.ok(!isScaling(Float32Array.from(wrong)), wrong.join());
  }
  assert.ok(isScaling(scaling.state()));
});

test('the CPU is refused, before and after it has started', async () => {
  assert.throws(() => checkPrecision({ device: 'cpu', precision: 'mixed' }), /expected full on the device cpu/);
  checkPrecision({ device: 'auto', precision: 'mixed' });
  await checkHalf(engine, 'full');
  await assert.rejects(checkHalf(engine, 'mixed'), /found mixed: it computes float16 by way of float32/);
  // What is tried on a device that may have float16 works where it has.
  assert.equal(await whyNotHalf({ ...engine, device: 'webgpu' }), null);
  const broken: Engine = { ...engine, device: 'webgpu', load: () => Promise.reject(new Error('no f16\nmore')) };
  assert.equal(await whyNotHalf(broken), 'no f16');
});

const STEPS = 7;

const cases = [
  { dims: 2, crop: [32, 32] },
  { dims: 3, crop: [16, 16, 16] },
] as const;

type Case = (typeof cases)[number];

const channels = Array.from({ length: 9 }, () => 8);
const optionsOf = ({ dims, crop }: Case, precision: Precision) => {
  const cover: CoverOptions = { dims, inputs: 1, channels, heads: [1, 1, 1, 1, 1], window: 1, warp: 'aligned' };
  const objective = objectiveOf(coverMethod(cover), crop);
  const theta = initialParameters(coverSpecs(cover), 1);
  return { theta, options: { objective, optimizer: defaultOptimizer, batch: 2, micro: 2, precision } };
};

async function trainerOf(of: Case, precision: Precision, state?: Map<string, Float32Array>): Promise<Trainer> {
  const { options, theta } = optionsOf(of, precision);
  const graph = gradientGraph(options.objective, { batch: 2, target: 'gpu', precision, half: halfRounding });
  const trainer = await createTrainer(engine, options, graph);
  await trainer.setState(state ?? new Map([[THETA, theta]]));
  return trainer;
}

/** Images of blobs, and a smooth field. */
function batchOf({ dims, crop }: Case, step: number) {
  const random = randomStream('precision', step);
  const size = crop[0];
  const smooth = (channels: number, amplitude: number) => {
    const values = new Float32Array(2 * channels * size ** dims);
    for (let map = 0; map < 2 * channels; map++) {
      const waves = Array.from({ length: dims }, () => [random.uniform(0.1, 0.5), random.uniform(0, 6)] as const);
      for (let pixel = 0; pixel < size ** dims; pixel++) {
        const product = waves.reduce((value, [frequency, phase], axis) => {
          return value * Math.sin(frequency * (Math.floor(pixel / size ** axis) % size) + phase);
        }, amplitude);
        values[map * size ** dims + pixel] = product;
      }
    }
    return values;
  };
  const mask = new Float32Array(2 * size ** dims).fill(1);
  return { moving: smooth(1, 1), fixed: smooth(1, 1), field: smooth(dims, 2), mask };
}

async function go(of: Case, trainer: Trainer, from: number, to: number): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (let step = from; step <= to; step++) {
    results.push(await trainer.step(batchOf(of, step), { [GROUP]: { rate: 1e-3, step } }));
  }
  return results;
}

for (const of of cases) {
  test(`${of.dims}D: mixed precision follows full precision`, async (t) => {
    const full = await go(of, await trainerOf(of, 'full'), 1, STEPS);
    const trainer = await trainerOf(of, 'mixed');
    await trainer.setState(new Map([...(await trainer.state()), [SCALING, Float32Array.of(2 ** 13, 0, 0, 0)]]));
    const mixed = await go(of, trainer, 1, STEPS);
    mixed.forEach(({ loss, gradientNorm, lossScale, skippedSteps }, index) => {
      const expected = full[index]!;
      t.diagnostic(
        `step ${index + 1}: loss ${loss} (full ${expected.loss}), gradient ${gradientNorm} (full ` +
          `${expected.gradientNorm}), scale ${lossScale}, skipped ${skippedSteps}`,
      );
    });
    // Skipped steps put one behind the other.
    const { skippedSteps } = mixed.at(-1)!;
    assert.ok(skippedSteps! < STEPS / 2, `${skippedSteps}`);
    assert.ok(Math.abs(mixed[0]!.loss / full[0]!.loss - 1) < 2e-3);
    const fallen = (steps: readonly StepResult[]) => steps[0]!.loss - steps.at(-1)!.loss;
    assert.ok(fallen(mixed) > fallen(full) / 2, `fell by ${fallen(mixed)}, in full precision by ${fallen(full)}`);
  });
}

test('a gradient that overflows leaves the state as it was, and what goes on is the same to the bit', async () => {
  const [of] = cases;
  const trainer = await trainerOf(of, 'mixed');
  const begun = await trainer.state();
  // So large a scale overflows; the counts tell of it.
  await trainer.setState(new Map([...begun, [SCALING, Float32Array.of(2 ** 24, 7, 0, 0)]]));
  const [skipped] = await go(of, trainer, 1, 1);
  assert.ok(!Number.isFinite(skipped!.gradientNorm) && Number.isFinite(skipped!.loss));
  assert.deepEqual([skipped!.lossScale, skipped!.skippedSteps], [2 ** 24, 1]);
  const left = await trainer.state();
  assert.deepEqual(left.get(SCALING), Float32Array.of(2 ** 23, 0, 1, 1));
  assert.deepEqual(left.get(THETA), begun.get(THETA));

  await trainer.setState(new Map([...begun, [SCALING, Float32Array.of(2 ** 12, 1998, 1, 1)]]));
  await go(of, trainer, 2, 3);
  const middle = await trainer.state();
  const straight = await go(of, trainer, 4, 5);
  const resumed = await go(of, await trainerOf(of, 'mixed', middle), 4, 5);
  assert.deepEqual(resumed, straight);
  assert.ok(Number.isFinite(straight.at(-1)!.gradientNorm));
});
