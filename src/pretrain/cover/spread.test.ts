/** The term against flat features: its value by the definition in float64, its gradient by central differences. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { add, mul } from '../../graph/index.js';
import { loadConfig } from '../../node/config-file.js';
import { encodeOnnx } from '../../onnx/encode.js';
import { allClose } from '../../testing/all-close.js';
import { asBuilt } from '../../testing/as-built.js';
import { evaluate } from '../../testing/golden/evaluate.js';
import { gradientGraph } from '../../train/gradient-graph.js';
import { methodOf, objectiveOf } from '../methods.js';
import { networkOptions } from '../network-options.js';
import { coverMethod } from './method.js';
import { spreadTerms } from './spread.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

const BATCH = 2;
const CHANNELS = 4;

/** Features about a common direction, so that some deviations are below 1 and channels go together, and a mask. */
function viewsOf(extents: readonly number[]) {
  const random = randomStream('spread', extents.length);
  const shape = [BATCH, CHANNELS, ...extents];
  const pixels = sizeOf(extents);
  const common = Array.from({ length: BATCH * pixels }, () => random.normal());
  const features = Float32Array.from({ length: sizeOf(shape) }, (_, index) => {
    const view = Math.floor(index / (CHANNELS * pixels));
    return (
      [0.8, 0.3, -0.2, 0.5][Math.floor(index / pixels) % CHANNELS]! +
      0.5 * random.normal() +
      common[view * pixels + (index % pixels)]! / 4
    );
  });
  const mask = Float32Array.from({ length: BATCH * pixels }, () => (random.uniform() < 0.7 ? 1 : 0));
  return { features: tensor(shape, features), mask: tensor([BATCH, 1, ...extents], mask) };
}

/** Both terms term by term, summed over the views. */
function expected({ features, mask }: ReturnType<typeof viewsOf>): { variance: number; covariance: number } {
  const pixels = sizeOf(features.shape.slice(2));
  const total = { variance: 0, covariance: 0 };
  for (let view = 0; view < BATCH; view++) {
    const vectors: number[][] = [];
    for (let p = 0; p < pixels; p++) {
      if (mask.data[view * pixels + p] === 0) continue;
      const own = Array.from({ length: CHANNELS }, (_, c) => features.data[(view * CHANNELS + c) * pixels + p]!);
      vectors.push(own.map((value) => (value * Math.sqrt(CHANNELS)) / Math.hypot(...own)));
    }
    const mean = (of: (vector: number[]) => number) => vectors.reduce((sum, one) => sum + of(one), 0) / vectors.length;
    const means = Array.from({ length: CHANNELS }, (_, c) => mean((one) => one[c]!));
    for (let c = 0; c < CHANNELS; c++) {
      for (let d = 0; d < CHANNELS; d++) {
        const covariance = mean((one) => (one[c]! - means[c]!) * (one[d]! - means[d]!));
        if (c !== d) total.covariance += covariance ** 2 / CHANNELS;
        else total.variance += Math.max(0, 1 - Math.sqrt(covariance + 1e-4)) / CHANNELS;
      }
    }
  }
  return total;
}

for (const extents of [
  [5, 4],
  [3, 2, 4],
]) {
  const name = `${extents.length}D`;
  const views = viewsOf(extents);

  test(`${name}: the terms are those of the definition`, async () => {
    const found = await evaluate(engine, views, ({ features, mask }) => ({ ...spreadTerms(features!, mask!) }));
    const wanted = expected(views);
    assert.ok(wanted.variance > 0.2 && wanted.covariance > 0.02, JSON.stringify(wanted));
    allClose(found.variance!.data, [wanted.variance], { absolute: 1e-5 });
    allClose(found.covariance!.data, [wanted.covariance], { absolute: 1e-5 });
  });

  test(`${name}: the gradient agrees with central differences in float64`, async () => {
    const upstream = { y: tensor([1, 1, 1], Float32Array.of(1)) };
    const { 'grad:features': gradient, ...others } = await evaluate(
      engine,
      views,
      ({ features, mask }) => {
        const { variance, covariance } = spreadTerms(features!, mask!);
        return { y: add(variance, mul(covariance, 3)) };
      },
      { upstream, wanted: ['features'] },
    );
    assert.ok(gradient, Object.keys(others).join());
    const at = (index: number, shift: number) => {
      const { variance, covariance } = expected({
        ...views,
        features: {
          ...views.features,
          data: Float64Array.from(views.features.data).map((value, k) =>
            k === index ? value + shift : value,
          ) as never,
        },
      });
      return variance + 3 * covariance;
    };
    const step = 1e-6;
    const numeric = Array.from(
      { length: gradient.data.length },
      (_, index) => (at(index, step) - at(index, -step)) / (2 * step),
    );
    assert.ok(Math.hypot(...numeric) > 0.1);
    allClose(gradient.data, numeric, { absolute: 1e-4 });
  });
}

test('features that are alike in all pixels cost 1 a view, whatever their scale, and no gradient is infinite', async () => {
  const features = tensor([BATCH, CHANNELS, 3, 3], new Float32Array(BATCH * CHANNELS * 9).fill(7));
  const mask = tensor([BATCH, 1, 3, 3], new Float32Array(BATCH * 9).fill(1));
  const upstream = { y: tensor([1, 1, 1], Float32Array.of(1)) };
  const found = await evaluate(
    engine,
    { features, mask },
    (inputs) => ({ y: spreadTerms(inputs.features!, inputs.mask!).variance }),
    { upstream, wanted: ['features'] },
  );
  allClose(found.y!.data, [BATCH * 0.99], { absolute: 1e-3 });
  for (const { data } of Object.values(found)) assert.ok(data.every(Number.isFinite));
});

test('with the weights of the paper the program of a step is that without weights', () => {
  const config = loadConfig({ settings: ['views.crop=[32, 32]', 'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]'] });
  const { weights, ...options } = networkOptions(config);
  assert.deepEqual(weights, { vector: 1, consistency: 1, variance: 0, covariance: 0 });
  const bytesOf = (method: Parameters<typeof objectiveOf>[0]) =>
    encodeOnnx(gradientGraph(objectiveOf(method, config.views.crop), { batch: 2 }));
  const plain = bytesOf(coverMethod(options));
  assert.deepEqual(bytesOf(methodOf(config)), plain);
  assert.notDeepEqual(bytesOf(coverMethod({ ...options, weights: { ...weights, variance: 1 } })), plain);
  assert.throws(
    () => loadConfig({ settings: ['losses.weights={vector: 0, consistency: 0}'] }),
    /losses\.weights: expected at least one weight above 0/,
  );
});
