/** Every gradient rule against central differences, for the CPU's and the GPU's formulation, in 2D and 3D. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
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

const convolve: Build = ({ x, w }) => g.conv(x!, w!);
const plane = [3, 4];
const volume = [2, 3, 4];
const cases: readonly (readonly [string, Shapes, Build])[] = [
  ['add, spread', { a: [2, 3], b: [1, 3] }, ({ a, b }) => g.add(a!, b!)],
  ['sub, spread', { a: [3], b: [2, 3] }, ({ a, b }) => g.sub(a!, b!)],
  ['mul', { a: [2, 3], b: [2, 1] }, ({ a, b }) => g.mul(a!, b!)],
  ['div', { a: [2, 3], b: [2, 3] }, ({ a, b }) => g.div(a!, g.add(g.square(b!), 1))],
  ['maximum', { a: [2, 3], b: [2, 3] }, ({ a, b }) => g.maximum(a!, b!)],
  ['exp, sqrt, abs, neg', { a: [2, 3] }, ({ a }) => g.neg(g.sqrt(g.add(g.exp(a!), g.abs(a!))))],
  ['equal nodes', { a: [2, 3] }, ({ a }) => g.add(g.exp(a!), g.mul(g.square(g.exp(a!)), 2))],
  ['log', { a: [2, 3] }, ({ a }) => g.log(g.add(g.square(a!), 0.5))],
  ['leakyRelu', { a: [2, 3] }, ({ a }) => g.leakyRelu(a!, 0.2)],
  ['where', { a: [2, 3], b: [1, 3] }, ({ a, b }) => g.where(g.less(a!, 0.1), b!, a!)],
  ['reshape, transpose', { a: [2, 3, 4] }, ({ a }) => g.transpose(g.reshape(a!, [4, 3, 2]), [2, 0, 1])],
  [
    'slice, pad, concat',
    { a: [2, 5] },
    ({ a }) => g.concat([g.slice(a!, [1], [1], [4]), g.pad(a!, [0, 1], [0, 0])], 1),
  ],
  ['shift', { a: [2, 5] }, ({ a }) => g.concat([g.shift(a!, 1, 2), g.mul(g.shift(a!, 1, -1), 3)], 0)],
  ['shift, beyond the end', { a: [1, 3] }, ({ a }) => g.add(a!, g.add(g.shift(a!, 0, 1), g.shift(a!, 1, -3)))],
  ['split', { a: [2, 5] }, ({ a }) => g.mul(g.split(a!, [2, 3], 1)[1]!, 2)],
  ['reductions', { a: [2, 3, 4] }, ({ a }) => g.add(g.reduceSum(g.square(a!), [1]), g.reduceMean(a!, [2]))],
  ['matmul, spread', { a: [3, 4], b: [2, 4, 2] }, ({ a, b }) => g.matmul(a!, b!)],
  ['softmax', { a: [2, 4, 3] }, ({ a }) => g.softmax(a!, 1)],
  ['conv, short rows', { x: [2, 2, 3, 20], w: [3, 2, 3, 5] }, convolve],
  ['conv, rows', { x: [2, 2, 3, 30], w: [3, 2, 3, 5] }, convolve],
  ['conv, long rows', { x: [2, 2, 3, 130], w: [3, 2, 3, 5] }, convolve],
  ['conv, long rows, fewer out', { x: [2, 3, 3, 130], w: [2, 3, 3, 3] }, convolve],
  ...[plane, volume].flatMap((extents): (readonly [string, Shapes, Build])[] => {
    const dims = extents.length;
    const kernel = extents.map(() => 3);
    const even = extents.map((_, axis) => (axis === 0 ? 4 : 5));
    return [
      [
        `conv 3, ${dims}D`,
        { x: [2, 3, ...extents], w: [4, 3, ...kernel], b: [4] },
        ({ x, w, b }) => g.conv(x!, w!, b!),
      ],
      [
        `conv 1, ${dims}D`,
        { x: [2, 3, ...extents], w: [4, 3, ...extents.map(() => 1)], b: [4] },
        ({ x, w, b }) => g.conv(x!, w!, b!),
      ],
      [
        `groupNorm, ${dims}D`,
        { x: [2, 4, ...extents], w: [4], b: [4] },
        ({ x, w, b }) => g.groupNorm(x!, w!, b!, { groups: 2 }),
      ],
      [
        `groupNorm with LeakyReLU, ${dims}D`,
        { x: [2, 4, ...extents], w: [4], b: [4] },
        ({ x, w, b }) => g.groupNorm(x!, w!, b!, { groups: 2, slope: 0.2 }),
      ],
      [`maxPool, ${dims}D`, { x: [2, 2, ...even] }, ({ x }) => g.maxPool(x!)],
      [`upsample, ${dims}D`, { x: [1, 2, ...extents] }, ({ x }) => g.upsample(x!)],
      [`upsampleAligned, ${dims}D`, { x: [1, 2, ...extents] }, ({ x }) => g.upsampleAligned(x!)],
      ...g.warpConventions.map((convention): readonly [string, Shapes, Build] => [
        `warp ${convention}, ${dims}D`,
        { x: [2, 3, ...extents], f: [2, dims, ...extents] },
        ({ x, f }) => g.warp(x!, g.add(g.mul(f!, 0.1), 0.37), convention),
      ]),
      [
        `windowVectors, ${dims}D`,
        { q: [1, 16, ...extents], k: [1, 16, ...extents] },
        ({ q, k }) => g.windowVectors(q!, k!, { radius: 1, heads: 2 }),
      ],
    ];
  }),
];

/** Maps of so many pixels and channels that a minimal filter pays; tiles of 4 do not fill all rows. */
const filtered: readonly (readonly [string, Shapes, Build])[] = [
  ['conv', { x: [2, 24, 23, 24], w: [32, 24, 3, 3] }, convolve],
  ['conv, fewer out', { x: [2, 32, 23, 23], w: [24, 32, 3, 3] }, convolve],
  ['conv, a kernel of rows', { x: [8, 32, 15, 9], w: [24, 32, 1, 3] }, convolve],
  ['conv, many channels', { x: [8, 40, 12, 13], w: [40, 40, 3, 3] }, convolve],
  ['conv, 3D', { x: [2, 6, 8, 8, 9], w: [4, 6, 3, 3, 3] }, convolve],
];

for (const [name, shapes, build] of filtered) {
  test(`${name} by a minimal filter`, async () => {
    await checkGradient(name, shapes, build, 'cpu');
    const { nodes } = await withGradients(shapes, build, 'cpu');
    const tiles = Math.ceil(shapes.x!.at(-1)! / 4);
    const inTiles = nodes.filter(
      ({ op, outputs: [y] }) => op === 'MatMul' && y!.shape[0] === 6 && y!.shape[2] === tiles,
    );
    assert.equal(inTiles.length, 2);
  });
}

for (const [name, shapes, build] of cases) {
  for (const target of ['cpu', 'gpu'] as const) {
    test(`${name} (${target})`, () => checkGradient(name, shapes, build, target));
  }
}

const swapped: Build = ({ a, b }) => g.matmul(g.swapLast(a!), g.swapLast(b!));
test('a product of what is swapped (x64)', async () => {
  await checkGradient('a product of what is swapped', { a: [2, 4, 3], b: [5, 4] }, swapped, 'x64');
});

/** Large enough for what the runtime does in blocks of channels: the name, the inputs, the operator and its node. */
const inBlocks: readonly (readonly [string, Shapes, Build, string])[] = [
  [
    'conv',
    { x: [2, 32, 48, 48], weight: [16, 32, 3, 3], bias: [16] },
    ({ x, weight, bias }) => g.conv(x!, weight!, bias),
    'ReorderInput',
  ],
  [
    'conv of a concatenation, as in the decoder',
    { x: [2, 32, 48, 48], weight: [16, 32, 3, 3], bias: [16] },
    ({ x, weight, bias }) => {
      const parts = g.split(x!, [16, 16], 1).map((part) => g.mul(part, 2));
      return g.conv(g.concat(parts, 1), weight!, bias);
    },
    'ReorderInput',
  ],
  [
    'conv, 3D',
    { x: [2, 16, 11, 13, 9], weight: [16, 16, 3, 3, 3], bias: [16] },
    ({ x, weight, bias }) => g.conv(x!, weight!, bias),
    'ReorderInput',
  ],
  [
    'conv of a concatenation with a kernel of three sides, 3D',
    { x: [1, 32, 12, 9, 20], weight: [16, 32, 3, 5, 1] },
    ({ x, weight }) => g.conv(g.concat(g.split(g.mul(x!, 2), [16, 16], 1), 1), weight!),
    'ReorderInput',
  ],
  ['upsample', { x: [2, 16, 5, 6] }, ({ x }) => g.upsample(x!), 'Upsample'],
  ['upsample, 3D', { x: [2, 4, 4, 6, 2] }, ({ x }) => g.upsample(x!), 'Upsample'],
  [
    'groupNorm with LeakyReLU, 2D',
    { x: [2, 4, 48, 44], w: [4], b: [4] },
    // Away from the kink of the LeakyReLU, where differences are no derivative.
    ({ x, w, b }) => {
      const apart = g.div(x!, g.add(g.abs(x!), 0.01));
      return g.groupNorm(apart, g.add(g.abs(w!), 1), g.mul(b!, 0.1), { groups: 2, slope: 0.2 });
    },
    'Conv',
  ],
  [
    'groupNorm, 3D',
    { x: [1, 4, 16, 16, 17], w: [4], b: [4] },
    ({ x, w, b }) => g.groupNorm(x!, w!, b!, { groups: 2 }),
    'Conv',
  ],
  ['leakyRelu', { x: [1, 2, 16, 64] }, ({ x }) => g.leakyRelu(x!, 0.2), 'Conv'],
];
const onX64 = process.arch === 'x64' ? test : test.skip;

for (const [name, shapes, build, node] of inBlocks) {
  onX64(`${name} in blocks of channels`, async () => {
    await checkGradient(`${name} in blocks`, shapes, build, 'x64');
    const results = await Promise.all((['cpu', 'x64'] as const).map((target) => withGradients(shapes, build, target)));
    const [plain, blocks] = results;
    for (const [key, { data }] of Object.entries(plain!.values)) {
      allClose(blocks!.values[key]!.data, data, { absolute: 1e-3 }, key);
    }
    assert.ok(blocks!.operators.includes(`com.microsoft.nchwc.${node}`));
    assert.ok(!plain!.operators.some((op) => op.includes('.')));
  });
}

/** What `build` makes of random inputs, the gradients of all of them, and the nodes of its graph. */
async function withGradients(shapes: Shapes, build: Build, target: g.Target) {
  const random = randomStream('blocks');
  const draw = (shape: readonly number[]) =>
    tensor(
      shape,
      new Float32Array(sizeOf(shape)).map(() => random.normal()),
    );
  const inputs = Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, draw(shape)]));
  let graph: g.Graph | undefined;
  const built = (values: Readonly<Record<string, g.Value>>) => {
    const y = build(values);
    graph = y.graph;
    return { y };
  };
  const probe = new g.Graph(target);
  const { shape } = build(Object.fromEntries(Object.entries(shapes).map(([key, s]) => [key, probe.input(key, s)])));
  const options = { upstream: { y: draw(shape) }, wanted: Object.keys(shapes), target };
  const values = await evaluate(engine, inputs, built, options);
  return { values, nodes: graph!.nodes, operators: graph!.nodes.map(({ op }) => op) };
}

async function checkGradient(name: string, shapes: Shapes, build: Build, target: g.Target): Promise<void> {
  const random = randomStream('finite differences', name);
  const draw = (shape: readonly number[]) =>
    tensor(
      shape,
      new Float32Array(sizeOf(shape)).map(() => random.normal()),
    );
  const inputs = Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, draw(shape)]));
  const probe = new g.Graph(target);
  const shape = build(Object.fromEntries(Object.entries(shapes).map(([key, s]) => [key, probe.input(key, s)]))).shape;
  const seed = draw(shape);
  const wanted = Object.keys(shapes);
  const loss = (x: Readonly<Record<string, g.Value>>) => ({ y: build(x) });
  const analytic = await evaluate(engine, inputs, loss, { upstream: { y: seed }, wanted, target });
  // All central differences at once: the outputs for each shifted input, summed against the seed in double precision.
  const step = 2e-3;
  for (const key of wanted) {
    const values = inputs[key]!.data;
    const stride = Math.max(1, Math.floor(values.length / 6));
    for (let index = 0; index < values.length; index += stride) {
      const at = async (shift: number) => {
        const moved: Record<string, Tensor> = { ...inputs, [key]: tensor(shapes[key]!, values.slice()) };
        moved[key]!.data[index]! += shift;
        const { y } = await evaluate(engine, moved, loss, { target });
        return y!.data.reduce((sum, value, k) => sum + value * seed.data[k]!, 0);
      };
      const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
      const found = analytic[`grad:${key}`]!.data[index]!;
      const allowed = 0.02 * Math.max(1, Math.abs(numeric));
      assert.ok(
        Math.abs(found - numeric) < allowed,
        `${name}: d/d${key}[${index}] is ${found}, differences give ${numeric}`,
      );
    }
  }
}

test('a shape error names the operator and the shapes when the graph is built', () => {
  const graph = new g.Graph();
  const x = graph.input('x', [1, 3, 8, 8]);
  const weight = graph.input('weight', [4, 2, 3, 3]);
  const bias = graph.input('bias', [4]);
  assert.throws(() => g.conv(x, weight, bias), /Conv: .*\[1, 3, 8, 8\], \[4, 2, 3, 3\], \[4\]/);
  assert.throws(() => g.add(x, weight), /Add: .*\[1, 3, 8, 8\], \[4, 2, 3, 3\]/);
});
