/** Every method as a program: gradients, micro-batches, and what its settings make of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../core/random.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { type Engine, loadGraph } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import type { HalfFormat } from '../graph/index.js';
import { initialParameters } from '../nn/index.js';
import { loadConfig } from '../node/config-file.js';
import { asBuilt } from '../testing/as-built.js';
import { halfRounding } from '../testing/half-rounding.js';
import { computeGraph, gradientGraph, gradientName } from '../train/gradient-graph.js';
import type { BatchArrays } from '../train/objective.js';
import { vectorState, vectorUpdate } from '../train/parameter-inputs.js';
import type { Precision } from '../train/precision.js';
import { type Config, methodNames } from './config.js';
import type { Method } from './method.js';
import { GROUP, methodOf, objectiveOf, specsOf } from './methods.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

function configOf(dims: number, ...settings: readonly string[]): Config {
  const network = ['model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]', 'model.window=1', 'contrast.stride=4', 'mae.patch=8'];
  const crop = dims === 2 ? 'views.crop=[32, 16]' : 'views.crop=[16, 16, 16]';
  return loadConfig({ settings: [...network, crop, ...settings] });
}

/** Smooth images, a short field, and a mask with a margin. */
function batchOf(method: Method, crop: readonly number[], count: number): BatchArrays {
  const random = randomStream('a batch', method.title, crop.length);
  const shapes = Object.entries(method.sampleShapes(crop));
  return Object.fromEntries(
    shapes.map(([name, shape]) => {
      const values = Float32Array.from({ length: count * sizeOf(shape) }, (_, index) => {
        if (/mask$/i.test(name)) return index % crop.at(-1)! < 2 ? 0 : 1;
        return name === 'field' ? random.uniform(-1.3, 1.7) : 0.5 + 0.4 * Math.sin(index / 7) + random.normal(0, 0.05);
      });
      return [name, values] as const;
    }),
  );
}

/** The metrics and the gradient of a batch, computed in micro-batches of `micro`. */
async function gradientOf(method: Method, crop: readonly number[], batch: BatchArrays, count: number, micro: number) {
  const program = await loadGraph(engine, gradientGraph(objectiveOf(method, crop), { batch: micro }));
  const totals = Object.fromEntries(Object.entries(method.totals).map(([name, of]) => [name, of(batch, crop)]));
  return async (theta: Float32Array) => {
    const sums: Record<string, number> = {};
    const gradient = new Float32Array(theta.length);
    await engine.setState('theta', tensor([theta.length], theta));
    for (let first = 0; first < count; first += micro) {
      const feeds: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(totals)) feeds[name] = tensor([1], Float32Array.of(value));
      for (const [name, shape] of Object.entries(method.sampleShapes(crop))) {
        const length = sizeOf(shape);
        feeds[name] = tensor([micro, ...shape], batch[name]!.slice(first * length, (first + micro) * length));
      }
      await engine.clearState('gradient', [theta.length]);
      const found = await engine.run(program, feeds, {
        state: vectorState('cpu', GROUP, method.specs, 'theta'),
        update: vectorUpdate('cpu', gradientName(GROUP), method.specs, 'gradient'),
      });
      const { data: part } = await engine.getState('gradient');
      for (let index = 0; index < gradient.length; index++) gradient[index]! += part[index]!;
      for (const [name, { data }] of Object.entries(found)) sums[name] = (sums[name] ?? 0) + data[0]!;
    }
    return { gradient, loss: method.results(sums, totals).loss };
  };
}

const planes: readonly (readonly string[])[] = [
  ['method=cover'],
  ['method=cover', 'model.pyramid=false'],
  ['method=cover', 'model.heads=[1, 1, 1, 1, 1]'],
  ['method=cover', 'losses.consistency=centred', 'losses.weights.consistency=0.1', 'losses.weights.vector=0.5'],
  ['method=cover', 'losses.weights.consistency=0'],
  ['method=cover', 'losses.weights={variance: 20, covariance: 3}'],
  ['method=cover', 'losses.weights={vector: 0, consistency: 0, variance: 1}'],
  ['method=consistency'],
  ['method=consistency', 'losses.consistency=centred'],
  ['method=contrast'],
  ['method=mae'],
  ['method=restoration'],
];
/** The pyramid in 3D is compared with golden numbers. */
const volumes = [
  ['method=cover', 'model.pyramid=false'],
  ['method=cover', 'model.pyramid=false', 'losses.weights={variance: 20, covariance: 3}'],
  ['method=contrast'],
  ['method=mae'],
  ['method=restoration'],
];
for (const [dims, variants] of [
  [2, planes],
  [3, volumes],
] as const) {
  for (const settings of variants) {
    test(`${settings.join(', ')}, ${dims}D: gradients agree with differences and add up over micro-batches`, async () => {
      const config = configOf(dims, ...settings);
      const method = methodOf(config);
      const { crop } = config.views;
      const batch = batchOf(method, crop, 2);
      const theta = initialParameters(method.specs, 2);
      const whole = await gradientOf(method, crop, batch, 2, 2);
      const parts = await gradientOf(method, crop, batch, 2, 1);
      const { gradient, loss } = await whole(theta);
      const split = await parts(theta);
      const norm = Math.hypot(...gradient);
      const difference = Math.hypot(...gradient.map((value, index) => value - split.gradient[index]!));
      assert.ok(difference < 1e-3 * norm, `micro-batches: ${difference} of ${norm}`);
      assert.ok(Math.abs(loss - split.loss) < 1e-5 * Math.max(1, loss));
      // Along the gradient, where the loss changes most, and not so far that it bends.
      const step = 3e-4;
      const at = (shift: number) => whole(theta.map((value, index) => value + (shift * gradient[index]!) / norm));
      const numeric = ((await at(step)).loss - (await at(-step)).loss) / (2 * step);
      assert.ok(Math.abs(numeric - norm) < 0.03 * norm, `differences give ${numeric}, the gradient ${norm}`);
    });
  }
}

/** What a look computes of one sample with these parameters. */
async function lookAt(method: Method, crop: readonly number[], batch: BatchArrays, theta: Float32Array) {
  const shapes = method.sampleShapes(crop);
  const wanted = Object.fromEntries(method.lookInputs.map((name) => [name, [1, ...shapes[name]!]]));
  const graph = computeGraph({ [GROUP]: method.specs }, (own, inputs) => method.look(own, inputs), wanted);
  const program = await loadGraph(engine, graph);
  const feeds = method.lookInputs.map((name) => [name, tensor([1, ...shapes[name]!], batch[name]!)] as const);
  await engine.setState('theta', tensor([theta.length], theta));
  return engine.run(program, Object.fromEntries(feeds), { state: vectorState('cpu', GROUP, method.specs, 'theta') });
}

for (const name of ['consistency', 'contrast', 'mae', 'restoration']) {
  test(`${name}: a look at one sample gives the loss of a batch of it`, async () => {
    const config = configOf(2, `method=${name}`);
    const method = methodOf(config);
    const { crop } = config.views;
    const batch = batchOf(method, crop, 1);
    const theta = initialParameters(method.specs, 2);
    const { loss } = await (await gradientOf(method, crop, batch, 1, 1))(theta);
    const { loss: looked, fixedFeatures } = await lookAt(method, crop, batch, theta);
    assert.ok(Math.abs(looked!.data[0]! - loss) < 1e-5, `${looked!.data[0]} for ${loss}`);
    assert.deepEqual(fixedFeatures!.shape, [1, 8, ...crop]);
  });
}

test('without the pyramid there is one projection, and a vector reaches no farther than its window', async () => {
  const config = configOf(2, 'model.pyramid=false', 'model.heads=[1, 1, 1, 1, 2]');
  const method = methodOf(config);
  const projections = method.specs.filter(({ name }) => name.startsWith('proj.'));
  assert.deepEqual(
    projections.map(({ name, shape }) => `${name} ${shape.join('x')}`),
    ['proj.4.norm.weight 16', 'proj.4.norm.bias 16', 'proj.4.proj.weight 16x8x1x1', 'proj.4.proj.bias 16'],
  );
  const { crop } = config.views;
  const theta = initialParameters(method.specs, 2).map((value) => 3 * value);
  const { predicted } = await lookAt(method, crop, batchOf(method, crop, 1), theta);
  assert.deepEqual(predicted!.shape, [1, 2, ...crop]);
  assert.ok(predicted!.data.every((value) => Math.abs(value) <= 1));
  assert.ok(predicted!.data.some((value) => Math.abs(value) > 0.1));
});

test('every method trains the same backbone, and what else it has bears another name', () => {
  const names = (method: string) => specsOf(configOf(2, `method=${method}`)).map(({ name }) => name);
  const backbone = names('consistency');
  for (const [method, prefix] of [
    ['cover', 'proj.'],
    ['contrast', 'contrast.head.'],
    ['mae', 'mae.head.'],
    ['restoration', 'restoration.head.'],
  ] as const) {
    const all = names(method);
    assert.deepEqual(all.slice(0, backbone.length), backbone);
    assert.ok(all.length > backbone.length && all.slice(backbone.length).every((name) => name.startsWith(prefix)));
  }
});

for (const method of methodNames) {
  for (const dims of process.argv.includes('--all') ? [2, 3] : [2]) {
    test(`${method} ${dims}D: mixed precision has the loss and the gradient of full precision, but for rounding`, async () => {
      const config = configOf(dims, `method=${method}`);
      const { crop } = config.views;
      const objective = objectiveOf(methodOf(config), crop);
      const batch = batchOf(methodOf(config), crop, 1);
      const totals = Object.entries(objective.totals).map(([name, of]) => [name, of(batch)] as const);
      const theta = initialParameters(specsOf(config), 1);
      const numbers = { ...Object.fromEntries(totals), lossScale: 2 ** 10 };
      const feeds: Record<string, Tensor> = { [GROUP]: tensor([theta.length], theta) };
      for (const [name, value] of Object.entries(numbers)) feeds[name] = tensor([1], Float32Array.of(value));
      for (const [name, shape] of Object.entries(objective.sampleShapes))
        feeds[name] = tensor([1, ...shape], batch[name]);
      const run = async (precision: Precision, half?: HalfFormat) => {
        const graph = gradientGraph(objective, { batch: 1, target: 'gpu', precision, ...(half && { half }) });
        return engine.run(await loadGraph(engine, graph), feeds);
      };
      const full = await run('full');
      // With its types, it is a model that loads and runs; the CPU passes over some of its roundings.
      for (const mixed of [await run('mixed'), await run('mixed', halfRounding)]) {
        for (const [name, { data }] of Object.entries(full)) {
          const error = Math.hypot(...data.map((value, index) => value - mixed[name]!.data[index]!));
          const share = error / Math.max(1e-3, Math.hypot(...data));
          assert.ok(share < (data.length > 1 ? 0.2 : 5e-3), `${name}: ${share}`);
        }
      }
    });
  }
}
