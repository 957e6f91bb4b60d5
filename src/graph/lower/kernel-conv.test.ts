/** The convolutions by operators of ours, and their gradients, against sums in double precision. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { ownOperatorsWork } from '../../engine/node/native/available.js';
import { asBuilt } from '../../testing/as-built.js';
import { evaluate } from '../../testing/golden/evaluate.js';
import * as g from '../index.js';

let engine: Engine;
let alone: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 2 }));
  alone = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(async () => {
  await engine.close();
  await alone.close();
});

const random = randomStream('kernels');
const draw = (shape: readonly number[]) =>
  tensor(
    shape,
    new Float32Array(sizeOf(shape)).map(() => random.normal()),
  );

/** `[batch, channels of each part, out, height, width]`: whole tiles and cut ones, odd blocks, some shares. */
const cases: readonly (readonly [number, readonly number[], number, number, number])[] = [
  [1, [16], 16, 24, 24],
  [2, [32, 16], 48, 21, 30],
  [1, [64, 32], 32, 64, 64],
  [3, [80], 144, 13, 18],
  [1, [16], 32, 5, 67],
];

for (const [batch, channels, out, height, width] of cases) {
  const name = `${channels.join(' and ')} to ${out} channels, ${batch} × ${height} × ${width}`;
  (ownOperatorsWork() ? test : test.skip)(`conv of 3 × 3 by an operator of ours, ${name}`, async () => {
    const all = channels.reduce((a, b) => a + b);
    const parts = channels.map((count) => draw([batch, count, height, width]));
    const [weight, bias, dy] = [draw([out, all, 3, 3]), draw([out]), draw([batch, out, height, width])];
    const inputs: Record<string, Tensor> = { weight, bias };
    for (const [k, part] of parts.entries()) inputs[`x${k}`] = part;
    const build = (x: Readonly<Record<string, g.Value>>) => {
      const maps = channels.map((_, k) => x[`x${k}`]!);
      return { y: g.conv(maps.length > 1 ? g.concat(maps, 1) : maps[0]!, x.weight!, x.bias) };
    };
    const options = { target: 'avx512', upstream: { y: dy }, wanted: Object.keys(inputs) } as const;
    const found = await evaluate(engine, inputs, build, options);
    const again = await evaluate(alone, inputs, build, options);
    for (const [key, { data }] of Object.entries(found)) assert.deepEqual(again[key]!.data, data, `${key}, one thread`);

    const inside = (row: number, column: number) => row >= 0 && column >= 0 && row < height && column < width;
    const at = ({ data, shape }: Tensor, n: number, c: number, row: number, column: number) =>
      inside(row, column) ? data[((n * shape[1]! + c) * height + row) * width + column]! : 0;
    const map = (n: number, channel: number, row: number, column: number) => {
      let c = channel;
      for (const part of parts) {
        if (c < part.shape[1]!) return at(part, n, c, row, column);
        c -= part.shape[1]!;
      }
      return assert.fail();
    };
    const tap = (o: number, c: number, p: number, q: number) => weight.data[((o * all + c) * 3 + p) * 3 + q]!;
    const taps = [0, 1, 2].flatMap((p) => [0, 1, 2].map((q) => [p, q] as const));
    const range = (count: number) => Array.from({ length: count }, (_, k) => k);
    const sum = (terms: readonly number[]) => terms.reduce((a, b) => a + b, 0);

    const check = (key: string, exact: (index: readonly number[]) => number, shape: readonly number[]) => {
      let [wrong, whole] = [0, 0];
      const { data } = found[key]!;
      const step = Math.max(1, Math.floor(data.length / 150));
      for (let index = 0; index < data.length; index += step) {
        const position: number[] = [];
        let rest = index;
        for (const extent of shape.toReversed()) {
          position.unshift(rest % extent);
          rest = Math.floor(rest / extent);
        }
        const expected = exact(position);
        wrong += (data[index]! - expected) ** 2;
        whole += expected ** 2;
      }
      assert.ok(Math.sqrt(wrong / whole) < 2e-6, `${key} is off by ${Math.sqrt(wrong / whole)}`);
    };
    check(
      'y',
      ([n, o, row, column]) =>
        bias.data[o!]! +
        sum(
          range(all).flatMap((c) => taps.map(([p, q]) => tap(o!, c, p, q) * map(n!, c, row! + p - 1, column! + q - 1))),
        ),
      dy.shape,
    );
    check(
      'grad:weight',
      ([o, c, p, q]) =>
        sum(
          range(batch).flatMap((n) =>
            range(height).flatMap((row) =>
              range(width).map((column) => at(dy, n, o!, row, column) * map(n, c!, row + p! - 1, column + q! - 1)),
            ),
          ),
        ),
      weight.shape,
    );
    let begin = 0;
    for (const [k, part] of parts.entries()) {
      const first = begin;
      check(
        `grad:x${k}`,
        ([n, c, row, column]) =>
          sum(
            range(out).flatMap((o) =>
              taps.map(([p, q]) => tap(o, first + c!, p, q) * at(dy, n!, o, row! + 1 - p, column! + 1 - q)),
            ),
          ),
        part.shape,
      );
      begin += part.shape[1]!;
    }
  });
}

test('a convolution of few tiles is left to the runtime', () => {
  const ofOurs = (extent: number) => {
    const graph = new g.Graph('avx512');
    g.conv(graph.input('x', [1, 32, extent, extent]), graph.input('weight', [32, 32, 3, 3]));
    return graph.nodes.filter(({ op }) => op === 'cover.Conv').length;
  };
  assert.deepEqual([16, 24].map(ofOurs), [0, 1]);
});
