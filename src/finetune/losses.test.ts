/** The losses against their definitions, central differences, and the sum over micro-batches. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../core/random.js';
import { type Tensor, tensor } from '../core/tensor.js';
import type { Engine } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { add, mul, softmax } from '../graph/index.js';
import { asBuilt } from '../testing/as-built.js';
import { evaluate } from '../testing/golden/evaluate.js';
import { inverseWeights, weightOf } from './class-weights.js';
import { crossEntropy, diceLoss, truthOfIndices } from './losses.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

const IGNORE = 255;
const weights = [0.5, 1, 2];

/** Labels with some ignored pixels, and logits. */
function example(extents: readonly number[], batch = 2): { logits: Tensor; target: Tensor } {
  const random = randomStream(7, 'losses', extents.length);
  const logits = tensor([batch, 3, ...extents]);
  const target = tensor([batch, 1, ...extents]);
  logits.data.forEach((_, index) => {
    logits.data[index] = random.normal();
  });
  target.data.forEach((_, index) => {
    target.data[index] = random.uniform() < 0.2 ? IGNORE : random.integer(0, 3);
  });
  return { logits, target };
}

async function lossOf(logits: Tensor, target: Tensor, { samples = 2, total = 0, wanted = [] as string[] } = {}) {
  const inputs = { logits, target, total: tensor([1], Float32Array.of(total || weightOf(target.data, weights))) };
  return evaluate(
    engine,
    inputs,
    ({ logits: values, target: labels, total: sum }) => {
      const truth = truthOfIndices(labels!, 3);
      const entropy = crossEntropy(values!, truth.classes, weights, sum!);
      const dice = diceLoss(softmax(values!, 1), truth, samples, 1);
      return { entropy, dice, loss: add(entropy, mul(dice, 0.7)) };
    },
    { upstream: { loss: tensor([1], Float32Array.of(1)) }, wanted },
  );
}

for (const extents of [
  [3, 4],
  [2, 3, 2],
]) {
  test(`the gradient agrees with central differences, ${extents.length}D`, async () => {
    const { logits, target } = example(extents);
    const gradient = (await lossOf(logits, target, { wanted: ['logits'] }))['grad:logits']!.data;
    const step = 1e-2;
    for (let index = 0; index < logits.data.length; index += 5) {
      const at = async (shift: number) => {
        const data = logits.data.slice();
        data[index]! += shift;
        return (await lossOf(tensor(logits.shape, data), target)).loss!.data[0]!;
      };
      const expected = ((await at(step)) - (await at(-step))) / (2 * step);
      assert.ok(Math.abs(gradient[index]! - expected) < 2e-4, `${index}: ${gradient[index]} for ${expected}`);
    }
  });
}

test('the cross-entropy is the weighted mean surprise over the labelled pixels', async () => {
  const { logits, target } = example([3, 4]);
  let [sum, total] = [0, 0];
  target.data.forEach((label, pixel) => {
    if (label === IGNORE) return;
    const [sample, place] = [Math.floor(pixel / 12), pixel % 12];
    const row = [0, 1, 2].map((k) => logits.data[(sample * 3 + k) * 12 + place]!);
    const normaliser = Math.log(row.reduce((all, value) => all + Math.exp(value), 0));
    sum += weights[label]! * (normaliser - row[label]!);
    total += weights[label]!;
  });
  const { entropy } = await lossOf(logits, target);
  assert.ok(Math.abs(entropy!.data[0]! - sum / total) < 1e-5);
});

test('micro-batches add up to the batch', async () => {
  const { logits, target } = example([3, 4]);
  const total = weightOf(target.data, weights);
  const whole = await lossOf(logits, target);
  const halves = await Promise.all(
    [0, 1].map((index) => {
      const part = ({ shape, data }: Tensor) => {
        const length = data.length / 2;
        return tensor([1, ...shape.slice(1)], data.slice(index * length, (index + 1) * length));
      };
      return lossOf(part(logits), part(target), { total });
    }),
  );
  for (const name of ['entropy', 'dice', 'loss']) {
    const sum = halves.reduce((all, half) => all + half[name]!.data[0]!, 0);
    assert.ok(Math.abs(sum - whole[name]!.data[0]!) < 1e-5, name);
  }
});

test('a sure and right prediction has a loss of 0; ignored pixels change nothing', async () => {
  const { logits, target } = example([3, 4]);
  target.data.forEach((label, pixel) => {
    for (let k = 0; k < 3; k++) {
      const index = (Math.floor(pixel / 12) * 3 + k) * 12 + (pixel % 12);
      logits.data[index] = label === IGNORE ? 5 * k : label === k ? 40 : -40;
    }
  });
  const { loss } = await lossOf(logits, target);
  assert.ok(Math.abs(loss!.data[0]!) < 1e-5, `${loss!.data[0]}`);
});

test('inverse weights have a mean of 1 over the classes that occur', () => {
  assert.deepEqual(inverseWeights([Uint8Array.of(0, 0, 0), Uint8Array.of(1, 255)], 2), [0.5, 1.5]);
  assert.deepEqual(inverseWeights([Uint8Array.of(0, 2)], 3), [1, 1, 1]);
});
