/**
 * Every lowering against the plain operator, which is its definition: values and gradients, on maps that the lowering
 * is for.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { ownOperatorsWork } from '../../engine/node/native/available.js';
import { allClose } from '../../testing/all-close.js';
import { asBuilt } from '../../testing/as-built.js';
import { evaluate } from '../../testing/golden/evaluate.js';
import * as g from '../index.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

type Shapes = Readonly<Record<string, readonly number[]>>;
type Build = (x: Readonly<Record<string, g.Value>>) => g.Value;

type Case = readonly [string, Shapes, Build];

const conv: Build = ({ x, w, b }) => g.conv(x!, w!, b);
const windows = (name: string, shape: readonly number[], radius: number, heads: number) =>
  [`windows, ${name}`, { q: shape, k: shape }, ({ q, k }) => g.windowVectors(q!, k!, { radius, heads })] satisfies Case;
const cases: readonly Case[] = [
  ['conv 2D', { x: [2, 16, 48, 64], w: [16, 16, 3, 3], b: [16] }, conv],
  ['conv 2D, short rows', { x: [8, 24, 12, 20], w: [32, 24, 3, 3] }, conv],
  ['conv 2D, long rows', { x: [1, 3, 16, 144], w: [2, 3, 3, 3] }, conv],
  ['conv 2D, of six channels', { x: [2, 6, 5, 8], w: [4, 6, 3, 3], b: [4] }, conv],
  ['conv 2D, 1×1', { x: [2, 16, 32, 32], w: [8, 16, 1, 1] }, conv],
  ['conv 3D', { x: [1, 8, 12, 16, 16], w: [6, 8, 3, 3, 3], b: [6] }, conv],
  ['conv 3D in blocks', { x: [2, 32, 9, 16, 16], w: [16, 32, 3, 3, 3], b: [16] }, conv],
  [
    'conv 3D of a concatenation in blocks',
    { a: [1, 16, 8, 16, 16], c: [1, 32, 8, 16, 16], w: [32, 48, 3, 3, 3], b: [32] },
    ({ a, c, w, b }) => g.conv(g.concat([a!, c!], 1), w!, b),
  ],
  ['conv 3D, to more channels', { x: [2, 4, 5, 7, 6], w: [6, 4, 3, 3, 3], b: [6] }, conv],
  ['conv 3D, one slice', { x: [2, 6, 1, 2, 3], w: [4, 6, 3, 3, 3], b: [4] }, conv],
  ['conv 3D, deep kernel', { x: [1, 3, 6, 4, 5], w: [2, 3, 5, 1, 3] }, conv],
  ['conv 3D, 1×1×1', { x: [2, 4, 5, 7, 6], w: [3, 4, 1, 1, 1], b: [3] }, conv],
  [
    'conv of a concatenation',
    { a: [1, 16, 48, 48], c: [1, 32, 48, 48], w: [16, 48, 3, 3] },
    ({ a, c, w }) => g.conv(g.concat([a!, c!], 1), w!),
  ],
  [
    'group norm',
    { x: [2, 8, 48, 48], s: [8], b: [8] },
    ({ x, s, b }) => g.groupNorm(x!, s!, b!, { groups: 2, slope: 0.2 }),
  ],
  ['max-pool 2D', { x: [2, 4, 16, 17] }, ({ x }) => g.maxPool(x!)],
  ['max-pool 3D', { x: [1, 4, 6, 8, 7] }, ({ x }) => g.maxPool(x!)],
  ['upsample 2D', { x: [2, 16, 12, 10] }, ({ x }) => g.upsample(x!)],
  ['upsample 3D', { x: [2, 3, 4, 5, 6] }, ({ x }) => g.upsample(x!)],
  ['warp 2D', { x: [2, 4, 16, 20], f: [2, 2, 16, 20] }, ({ x, f }) => g.warp(x!, f!)],
  ['warp 3D', { x: [2, 3, 6, 8, 7], f: [2, 3, 6, 8, 7] }, ({ x, f }) => g.warp(x!, f!)],
  windows('tiles of 8', [2, 16, 37, 40], 2, 2),
  windows('tiles of 4', [1, 16, 9, 12], 2, 2),
  windows('tiles of 1', [1, 4, 6, 5], 3, 1),
  windows('3D', [2, 8, 4, 5, 8], 2, 2),
  windows('3D, tiles of 2', [1, 8, 4, 5, 6], 1, 1),
  ['sums', { x: [2, 3, 40, 50] }, ({ x }) => g.add(g.reduceSum(g.square(x!), [2, 3]), g.reduceMean(x!, [0, 2, 3]))],
  ['sum of squares', { x: [1009] }, ({ x }) => g.reduceSumSquare(x!)],
  [
    'many parts',
    { x: [60] },
    ({ x }) =>
      g.split(
        x!,
        Array.from({ length: 20 }, () => 3),
        0,
      )[13]!,
  ],
  ['upsample, aligned', { x: [2, 3, 5, 6] }, ({ x }) => g.upsampleAligned(x!)],
  ['shift', { x: [3, 9] }, ({ x }) => g.shift(x!, 1, -2)],
  ['product of what is swapped', { a: [2, 4, 3], b: [5, 4] }, ({ a, b }) => g.matmul(g.swapLast(a!), g.swapLast(b!))],
];

/** The targets that this machine runs. */
const lowered = g.targets.filter((target) => {
  if (target === 'own') return ownOperatorsWork();
  return target !== 'plain' && (target !== 'x64' || process.arch === 'x64');
});

for (const [name, shapes, build] of cases) {
  test(name, async () => {
    const plain = await computed('plain', shapes, build, name);
    for (const target of lowered) {
      const found = await computed(target, shapes, build, name);
      assert.deepEqual(Object.keys(found), Object.keys(plain));
      for (const [key, { data }] of Object.entries(plain)) {
        const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        allClose(found[key]!.data, data, { absolute: 2e-5 * largest }, `${key} on ${target}`);
      }
    }
  });
}

/** The values of `build` and, where it has them, its gradients, for inputs that are drawn by the case's name. */
async function computed(target: g.Target, shapes: Shapes, build: Build, name: string) {
  const random = randomStream('lowerings', name);
  const draw = (shape: readonly number[]) =>
    tensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    );
  const inputs = Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, draw(shape)]));
  const probe = new g.Graph(target);
  const { shape } = build(Object.fromEntries(Object.entries(shapes).map(([key, s]) => [key, probe.input(key, s)])));
  const wanted = probe.records.length > 0 ? Object.keys(shapes) : [];
  return evaluate(engine, inputs, (x) => ({ y: build(x) }), {
    target,
    ...(wanted.length > 0 && { upstream: { y: draw(shape) }, wanted }),
  });
}

test('a sum in stages is nearer to the exact one', async () => {
  const count = 2 ** 20;
  const random = randomStream('stages');
  const data = Float32Array.from({ length: count }, () => random.uniform(0, 1));
  const exact = data.reduce((sum, value) => sum + value, 0);
  for (const target of ['plain', 'wasm'] as const) {
    const { y } = await evaluate(engine, { x: tensor([count], data) }, ({ x }) => ({ y: g.reduceSum(x!) }), { target });
    assert.ok(Math.abs(y!.data[0]! / exact - 1) < 1e-5, target);
  }
  const graph = new g.Graph('wasm');
  assert.equal(g.reduceSum(graph.input('x', [1024])).node.op, 'Reshape');
  assert.equal(graph.nodes.filter(({ op }) => op === 'ReduceSum').length, 2);
});
