/** The golden operators and a small training on another device than the CPU. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../../core/random.js';
import { sizeOf, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { conv, type Value } from '../../graph/index.js';
import { initialParameters } from '../../nn/index.js';
import { coverMethod } from '../../pretrain/cover/method.js';
import { type CoverOptions, coverSpecs } from '../../pretrain/cover/step.js';
import { GROUP, objectiveOf } from '../../pretrain/methods.js';
import { defaultOptimizer } from '../../train/optimizer.js';
import { createTrainer, type StepResult } from '../../train/trainer.js';
import { allClose } from '../all-close.js';
import { startAsked } from '../asked-device.js';
import { evaluate } from './evaluate.js';
import { goldenHandlers, readIndex, runCase } from './run.js';

const folder = fileURLToPath(new URL('../../../golden-data/operators/', import.meta.url));
const engine = await startAsked();
after(() => typeof engine !== 'string' && engine.close());

/** Whole trainings are left to `npm run golden -- DIR --device webgpu`; a smaller one is below. */
const trainings = /^H_/;

test('the golden operators', async (t) => {
  if (typeof engine === 'string') return t.skip(engine);
  const handlers = goldenHandlers(engine);
  for (const entry of readIndex(folder).filter(({ name }) => !trainings.test(name))) {
    await t.test(entry.name, async () => {
      const { passed, worst, problem } = await runCase(folder, entry, handlers);
      assert.ok(passed, problem ?? `${worst?.what}: error ${worst?.error}, allowed ${worst?.allowed}`);
    });
  }
});

test('convolutions of any number of channels agree with the CPU', async (t) => {
  if (typeof engine === 'string') return t.skip(engine);
  const cpu = await startEngine({ device: 'cpu', threads: 1 });
  const random = randomStream('channels');
  const drawn = (shape: readonly number[]) =>
    tensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    );
  for (const extents of [
    [5, 6],
    [3, 4, 5],
  ]) {
    for (const channels of [1, 2, 3, 4, 5, 6, 9, 15]) {
      const inputs = {
        x: drawn([2, channels, ...extents]),
        w: drawn([8, channels, ...extents.map(() => 3)]),
      };
      const upstream = { y: drawn([2, 8, ...extents]) };
      const build = ({ x, w }: Readonly<Record<string, Value>>) => ({ y: conv(x!, w!) });
      const options = { upstream, wanted: ['x', 'w'], target: engine.target };
      const expected = await evaluate(cpu, inputs, build, options);
      for (const [name, { data }] of Object.entries(await evaluate(engine, inputs, build, options))) {
        allClose(data, expected[name]!.data, { absolute: 1e-3 }, `${name} of ${channels} channels, ${extents.length}D`);
      }
    }
  }
  await cpu.close();
});

const cover: CoverOptions = {
  dims: 2,
  inputs: 1,
  channels: [8, 8, 8, 8, 8, 8, 8, 8, 8],
  heads: [1, 1, 1, 1, 1],
  window: 1,
  warp: 'aligned',
};
const crop = [32, 32];
const STEPS = 2;

/** Two micro-batches per step, so that gradients are added up on the device; then the state, copied out. */
async function train(on: Engine) {
  const optimizer = { ...defaultOptimizer, rate: 1e-3 };
  const trainer = await createTrainer(on, {
    objective: objectiveOf(coverMethod(cover), crop),
    optimizer,
    batch: 2,
    micro: 1,
  });
  await trainer.setState(new Map([[`${GROUP}.theta`, initialParameters(coverSpecs(cover), 1)]]));
  const random = randomStream('a small training');
  const noise = (channels: number, scale: number) =>
    Float32Array.from({ length: 2 * channels * crop[0]! * crop[1]! }, () => scale * random.normal());
  const steps: StepResult[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const mask = noise(1, 1).map((value) => (value > -1 ? 1 : 0));
    const batch = { moving: noise(1, 1), fixed: noise(1, 1), field: noise(2, 2), mask };
    steps.push(await trainer.step(batch, { [GROUP]: { rate: optimizer.rate, step } }));
  }
  return { steps, state: await trainer.state() };
}

test('a small training agrees with the CPU', async (t) => {
  if (typeof engine === 'string') return t.skip(engine);
  const cpu = await startEngine({ device: 'cpu', threads: 1 });
  const expected = await train(cpu);
  await cpu.close();
  const found = await train(engine);
  expected.steps.forEach((step, index) => {
    for (const [key, value] of Object.entries(step)) {
      const other = found.steps[index]![key as keyof StepResult]!;
      t.diagnostic(`step ${index + 1} ${key}: ${other}, on the CPU ${value}`);
      assert.ok(Math.abs(other - value) <= 1e-3 * Math.max(1, Math.abs(value)), `step ${index + 1}: ${key}`);
    }
  });
  const start = initialParameters(coverSpecs(cover), 1);
  for (const [name, values] of expected.state) {
    const before = name === `${GROUP}.theta` ? start : new Float32Array(start.length);
    let [difference, change] = [0, 0];
    values.forEach((value, index) => {
      difference += (found.state.get(name)![index]! - value) ** 2;
      change += (value - before[index]!) ** 2;
    });
    const share = Math.sqrt(difference / change);
    t.diagnostic(`${name}: differs by ${share} of its change`);
    assert.ok(share < 0.02, `${name} differs by ${share} of its change`);
  }
});
