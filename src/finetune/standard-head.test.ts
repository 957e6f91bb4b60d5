/**
 * What the head sees: mean 0 and deviation 1, by folded weights, and what a flat backbone is worth with and without.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { tensor } from '../core/tensor.js';
import type { Engine } from '../engine/index.js';
import { loadGraph } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { add, conv, Graph, gradients, matmul, mul, reshape, type Value } from '../graph/index.js';
import { checkpointAt, succeeds } from '../pretrain/fixtures.js';
import { allClose } from '../testing/all-close.js';
import { readMetrics } from '../testing/run-files.js';
import { loadSafetensors } from '../weights/files.js';
import { toFloat32, writeSafetensors } from '../weights/index.js';
import { finetuneFixture } from './fixtures.js';
import { affineOf, firstSamples, foldedHead } from './standard-head.js';

const fixture = finetuneFixture();
let engine: Engine;
before(async () => {
  engine = await startEngine({ device: 'cpu', threads: 1 });
});
after(() => engine.close());

const FEATURES = 3;
const scale = Float32Array.of(20, 0.5, 3);
const shift = Float32Array.of(-15, 0.25, 4);
const wave = (count: number, from: number) =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(from + 1.7 * at));

/** The output of a head and the gradients of its weights, of standardised features or by folded weights. */
async function headOf(kind: 'map' | 'vector', folded: boolean): Promise<Record<string, Float32Array>> {
  const weights = kind === 'map' ? [2, FEATURES, 1, 1] : [FEATURES, 2];
  const graph = new Graph(engine.target);
  const x = graph.input('x', kind === 'map' ? [1, FEATURES, 4, 5] : [6, FEATURES]);
  const shapes = {
    'head.weight': weights,
    'head.bias': [2],
    'head.norm.weight': [FEATURES],
    'head.norm.bias': [FEATURES],
  };
  const parameters = new Map(Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]));
  const head = folded ? foldedHead(parameters, kind === 'map' ? 1 : 0) : parameters;
  const along = (value: Value) => reshape(value, [1, FEATURES, ...x.shape.slice(2).map(() => 1)]);
  const [a, b] = [along(parameters.get('head.norm.weight')!), along(parameters.get('head.norm.bias')!)];
  const seen = folded ? x : add(mul(x, a), b);
  const [weight, bias] = [head.get('head.weight')!, head.get('head.bias')!];
  const y = kind === 'map' ? conv(seen, weight, bias) : add(matmul(seen, weight), bias);
  const wanted = ['head.weight', 'head.bias'].map((name) => parameters.get(name)!);
  const [ofWeight, ofBias] = gradients([{ value: y, seed: y }], wanted);
  const program = await loadGraph(engine, { y, ofWeight: ofWeight!, ofBias: ofBias! });
  const found = await engine.run(program, {
    x: tensor(
      x.shape,
      wave(
        x.shape.reduce((product, extent) => product * extent),
        0,
      ),
    ),
    'head.weight': tensor(weights, wave(2 * FEATURES, 1)),
    'head.bias': tensor([2], wave(2, 2)),
    'head.norm.weight': tensor([FEATURES], scale.slice()),
    'head.norm.bias': tensor([FEATURES], shift.slice()),
  });
  return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data]));
}

for (const kind of ['map', 'vector'] as const) {
  test(`a head of a ${kind} with folded weights does what it does on standardised features, backwards too`, async () => {
    const [plain, folded] = [await headOf(kind, false), await headOf(kind, true)];
    for (const [name, values] of Object.entries(plain)) {
      allClose(folded[name]!, values, { absolute: 1e-4 * Math.max(...values.map(Math.abs)) }, `${kind}, ${name}`);
    }
  });
}

test('means and deviations over all samples; what is constant is not raised', () => {
  const samples = [
    { means: Float32Array.of(1, 5, 2), squares: Float32Array.of(0, 0, 1e-12) },
    { means: Float32Array.of(3, 5, 2), squares: Float32Array.of(3, 0, 1e-12) },
  ];
  const { scale: factors, shift: offsets } = affineOf(samples);
  const deviation = Math.sqrt(1 + 3 / 2);
  allClose(factors, [1 / deviation, 100 / deviation, 100 / deviation], { absolute: 1e-5 });
  allClose(offsets, [-2 / deviation, -500 / deviation, -200 / deviation], { absolute: 1e-4 });
  const still = affineOf([{ means: Float32Array.of(4), squares: Float32Array.of(0) }]);
  assert.deepEqual([...still.scale, ...still.shift], [1, -4]);
  assert.deepEqual(
    firstSamples(5, 2).map(({ epoch, sample }) => [epoch, sample]),
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
    ],
  );
});

/** The network of a run, with full-resolution features that hardly differ from pixel to pixel. */
function flattened(run: string): string {
  const path = fixture.path(run, 'checkpoints', 'best.safetensors');
  const { tensors, metadata } = loadSafetensors(path);
  const named = new Map([...tensors].map(([name, stored]) => [name, toFloat32(stored)]));
  named.get('backbone.up4.conv.double_conv.4.weight')!.data.fill(0.02);
  named.get('backbone.up4.conv.double_conv.4.bias')!.data.fill(1);
  const flat = fixture.path(`${run}.safetensors`);
  writeFileSync(flat, writeSafetensors(named, metadata));
  return flat;
}

test('a flat backbone is learned from at once with it, and hardly without', () => {
  const steps = ['schedule.steps=16', 'run.validateEvery=16', 'views.degree=0', 'optimizer.rate=3e-3'];
  fixture.train('source', 'schedule.steps=1');
  const flat = flattened('source');
  const lossOf = (run: string, ...settings: string[]) => {
    succeeds(...fixture.args(run, ...steps, ...settings).map((word) => (word === 'scratch' ? flat : word)));
    return Number(
      readMetrics(fixture.path(run))
        .filter(({ kind }) => kind === 'train')
        .at(-1)!.loss,
    );
  };
  const [standard, plain] = [lossOf('standard'), lossOf('plain', 'backbone.standardise=false')];
  assert.ok(standard < 0.8 * plain, `${standard} with, ${plain} without`);
  // As the first checkpoint has it: the features differ by 0.02, so they are raised about fifty times.
  const raised = fixture.values('standard', checkpointAt(0), 'head.norm.weight')!;
  assert.equal(raised.length, 8);
  assert.ok(Math.max(...raised) > 30 && Math.max(...raised) < 500, raised.join());
  assert.equal(fixture.values('plain', checkpointAt(0), 'head.norm.weight'), undefined);
  assert.match(readFileSync(fixture.path('standard', 'config.yaml'), 'utf8'), /standardise: true/);
});
