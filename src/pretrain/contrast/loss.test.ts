/** InfoNCE against its definition, its gradient by central differences, and the grid that it is computed on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { allClose } from '../../testing/all-close.js';
import { asBuilt } from '../../testing/as-built.js';
import { evaluate } from '../../testing/golden/evaluate.js';
import { infoNce, strided, stridedCount } from './loss.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

const random = randomStream(3, 'contrast');
const noise = (shape: readonly number[]) =>
  tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
const [N, D, P] = [2, 3, 5];
const TEMPERATURE = 0.5;
const weights = tensor([N, 1, P], Float32Array.of(1, 1, 0, 1, 1, 0, 1, 1, 1, 0));
const pair = { fixed: noise([N, D, P]), moving: noise([N, D, P]) };

async function lossOf(inputs: Readonly<Record<string, Tensor>>, wanted: readonly string[] = []) {
  const upstream = { y: tensor([N, 1, 1], Float32Array.of(1, 1)) };
  return evaluate(
    engine,
    { ...inputs, weights },
    ({ fixed, moving, weights: w }) => ({ y: infoNce(fixed!, moving!, w!, TEMPERATURE) }),
    wanted.length ? { upstream, wanted } : {},
  );
}

/** The sum of `−log(exp(positive) / Σ exp)` over the anchors of sample `n`, term by term. */
function expected(n: number): number {
  const vector = ({ data }: Tensor, p: number) => {
    const values = Array.from({ length: D }, (_, d) => data[(n * D + d) * P + p]!);
    const norm = Math.hypot(...values);
    return values.map((value) => value / norm);
  };
  const present = Array.from({ length: P }, (_, p) => p).filter((p) => weights.data[n * P + p] === 1);
  const pixels = [pair.fixed, pair.moving].flatMap((view, side) =>
    present.map((p) => ({ side, p, unit: vector(view, p) })),
  );
  const logit = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d]!, 0) / TEMPERATURE;
  return pixels.reduce((sum, anchor) => {
    const others = pixels.filter((other) => other !== anchor);
    const positive = others.find(({ side, p }) => p === anchor.p && side !== anchor.side)!;
    const total = others.reduce((all, { unit }) => all + Math.exp(logit(anchor.unit, unit)), 0);
    return sum + Math.log(total) - logit(anchor.unit, positive.unit);
  }, 0);
}

test('the loss is the surprise at each positive among all present pixels of its own image', async () => {
  const { y } = await lossOf(pair);
  allClose(
    y!.data,
    Array.from({ length: N }, (_, n) => expected(n)),
    { absolute: 1e-4 },
  );
});

test('the gradient agrees with central differences, and a pixel without a place has none', async () => {
  const analytic = await lossOf(pair, ['fixed', 'moving']);
  const step = 1e-2;
  for (const key of ['fixed', 'moving'] as const) {
    const gradient = analytic[`grad:${key}`]!.data;
    for (let index = 0; index < gradient.length; index += 4) {
      const at = async (shift: number) => {
        const moved = tensor([N, D, P], pair[key].data.slice());
        moved.data[index]! += shift;
        const { y } = await lossOf({ ...pair, [key]: moved });
        return y!.data[0]! + y!.data[1]!;
      };
      const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
      assert.ok(Math.abs(gradient[index]! - numeric) < 5e-3, `${key}[${index}]: ${gradient[index]} for ${numeric}`);
    }
    for (let d = 0; d < D; d++) assert.ok(Math.abs(gradient[d * P + 2]!) < 1e-6);
  }
});

for (const extents of [
  [4, 6],
  [4, 2, 6],
]) {
  test(`the grid takes the middle of every cell and gives its gradient there, ${extents.length}D`, async () => {
    const map = tensor([2, 2, ...extents]);
    for (let index = 0; index < map.data.length; index++) map.data[index] = index;
    const shape = [2, 2, ...extents.map((extent) => extent / 2)];
    const seed = tensor(shape, new Float32Array(sizeOf(shape)).fill(1));
    const options = { upstream: { y: seed }, wanted: ['map'] };
    const found = await evaluate(engine, { map }, ({ map: m }) => ({ y: strided(m!, 2) }), options);
    assert.deepEqual(found.y!.shape, shape);
    const taken = [...map.data].filter((value) => {
      let rest = value;
      return extents.toReversed().every((extent) => {
        const index = rest % extent;
        rest = Math.floor(rest / extent);
        return index % 2 === 1;
      });
    });
    assert.deepEqual([...found.y!.data], taken);
    assert.deepEqual(
      [...found['grad:map']!.data],
      [...map.data].map((value) => (taken.includes(value) ? 1 : 0)),
    );
    const mask = Float32Array.from(map.data.subarray(0, 2 * sizeOf(extents)), (value) => (value === taken[0] ? 0 : 1));
    assert.equal(stridedCount(mask, extents, 2), 2 * sizeOf(shape.slice(2)) - 1);
  });
}
