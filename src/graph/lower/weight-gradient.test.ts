/** The gradient of a convolution's weight in bands against that of the whole map. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { allClose } from '../../testing/all-close.js';
import { asBuilt } from '../../testing/as-built.js';
import { evaluate } from '../../testing/golden/evaluate.js';
import { peakBytes } from '../liveness.js';
import { Graph } from '../targets.js';
import { bandsOf } from './bands.js';
import { onCpu, weightGradientByProducts } from './weight-gradient.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

interface Case {
  readonly name: string;
  readonly x: readonly number[];
  readonly out: number;
  readonly kernel: readonly number[];
  /** Into how many times as much as is asked for a stack goes. */
  readonly pieces: number;
}

const cases: readonly Case[] = [
  { name: '2D, samples one by one', x: [3, 4, 36, 40], out: 3, kernel: [3, 3], pieces: 3 },
  { name: '2D, rows of one sample, uneven', x: [1, 4, 37, 40], out: 6, kernel: [3, 3], pieces: 4 },
  { name: '2D, rows of each sample, a high kernel', x: [2, 3, 40, 40], out: 2, kernel: [5, 3], pieces: 7 },
  { name: '2D, by the minimal filter', x: [2, 40, 40, 32], out: 48, kernel: [3, 3], pieces: 5 },
  { name: '3D', x: [1, 6, 11, 12, 16], out: 8, kernel: [3, 3, 3], pieces: 4 },
  {
    name: '3D, to fewer channels, by the minimal filter',
    x: [1, 32, 10, 16, 16],
    out: 16,
    kernel: [3, 3, 3],
    pieces: 3,
  },
];

for (const { name, x: shape, out, kernel, pieces } of cases) {
  test(name, async () => {
    const random = randomStream('bands', name);
    const drawn = (extents: readonly number[]) =>
      tensor(
        extents,
        Float32Array.from({ length: sizeOf(extents) }, () => random.normal()),
      );
    const inputs = { x: drawn(shape), dy: drawn(shape.with(1, out)) };
    const stacked = Math.min(shape[1]!, out) * (sizeOf(shape) / shape[1]!) * kernel.at(-2)!;
    const most = Math.ceil(stacked / pieces);
    const compute = async (options: typeof onCpu) => {
      const made = await evaluate(
        engine,
        inputs,
        ({ x, dy }) => ({ w: weightGradientByProducts([x!], dy!, kernel, options) }),
        { target: 'cpu' },
      );
      return made.w!.data;
    };
    const whole = await compute(onCpu);
    const inBands = await compute({ ...onCpu, most });
    const largest = Math.max(...whole.map(Math.abs));
    allClose(inBands, whole, { absolute: 1e-5 * largest }, name);

    const peak = (options: typeof onCpu) => {
      const graph = new Graph('cpu');
      return peakBytes([
        weightGradientByProducts([graph.input('x', shape)], graph.input('dy', inputs.dy.shape), kernel, options),
      ]);
    };
    assert.ok(peak({ ...onCpu, most }) < 0.8 * peak(onCpu), `${peak({ ...onCpu, most })} of ${peak(onCpu)} bytes`);
  });
}

test('bands lie side by side, of samples first', () => {
  assert.deepEqual(bandsOf([4, 1, 9], 2), [
    { samples: [0, 2], rows: [0, 9] },
    { samples: [2, 4], rows: [0, 9] },
  ]);
  const rows = bandsOf([2, 1, 7], 5);
  assert.deepEqual(
    rows.map(({ samples, rows: own }) => [...samples, ...own].join(' ')),
    ['0 1 0 2', '0 1 2 5', '0 1 5 7', '1 2 0 2', '1 2 2 5', '1 2 5 7'],
  );
  assert.equal(bandsOf([1, 1, 3], 8).length, 3);
});
