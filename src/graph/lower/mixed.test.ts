/** Mixed precision: where float16 stands in a graph, what it costs in accuracy, and what it spares in memory. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, tensor } from '../../core/tensor.js';
import { type Engine, loadGraph } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { allClose } from '../../testing/all-close.js';
import { asBuilt } from '../../testing/as-built.js';
import { halfRounding } from '../../testing/half-rounding.js';
import * as g from '../index.js';

let engine: Engine;
before(async () => {
  engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
});
after(() => engine.close());

/** A block of a U-Net with all that is around it, and its gradients: of `extents`, from 4 channels to 8. */
function block(extents: readonly number[]): Record<string, g.Value> {
  const graph = new g.Graph('gpu');
  const rank = extents.length;
  const kernel = extents.map(() => 3);
  const x = graph.input('x', [2, 4, ...extents]);
  const w = graph.input('w', [8, 4, ...kernel]);
  const scale = graph.input('scale', [8]);
  const shift = graph.input('shift', [8]);
  const normalised = g.groupNorm(g.conv(x, w), scale, shift, { groups: 2, slope: 0.2 });
  const around = g.concat([normalised, g.upsample(g.maxPool(normalised))], 1);
  const y = g.conv(around, graph.input('v', [4, 16, ...kernel]));
  // Within a pixel, whose borders the gradient of a warp changes at.
  const field = g.add(g.mul(g.slice(y, [1], [0], [rank]), 0.05), 0.5);
  const warped = g.warp(x, field);
  const value = g.reduceMean(g.square(g.add(y, warped)));
  const seed = graph.constant([1], value.shape);
  const inputs = [x, w, scale];
  const [dx, dw, dScale] = g.gradients([{ value, seed }], inputs) as g.Value[];
  return { value, dx: dx!, dw: dw!, dScale: dScale! };
}

const nodesOf = (outputs: Readonly<Record<string, g.Value>>) => g.reachable(Object.values(outputs));

for (const extents of [
  [16, 24],
  [8, 8, 12],
]) {
  test(`${extents.length}D: rounding to float16 changes values by its rounding`, async () => {
    const random = randomStream('mixed', extents.length);
    const full = block(extents);
    const feeds = Object.fromEntries(
      nodesOf(full).flatMap(({ op, name, outputs }) => {
        if (op !== 'Input') return [];
        const { shape } = outputs[0]!;
        const deviation = name === 'x' ? 1 : 0.2;
        const data = Float32Array.from({ length: sizeOf(shape) }, () => random.normal(0, deviation));
        return [[name!, tensor(shape, data)]];
      }),
    );
    const run = async (outputs: Record<string, g.Value>) => engine.run(await loadGraph(engine, outputs), feeds);
    const expected = await run(full);
    const rounded = await run(g.mixedPrecision(full, halfRounding));
    for (const [name, { data }] of Object.entries(expected)) {
      const norm = Math.hypot(...data);
      const error = Math.hypot(...data.map((value, index) => value - rounded[name]!.data[index]!));
      assert.ok(error > 0 && error < 0.05 * norm, `${name}: ${error / norm}`);
    }
    // The same graph with values of the type runs, and its roundings are some of these.
    const typed = await run(g.mixedPrecision(full));
    allClose(typed.value!.data, expected.value!.data, { relative: 2e-3 }, 'value');
  });

  test(`${extents.length}D: convolutions are float16, sums and outputs float32, and maps take half the bytes`, () => {
    const full = block(extents);
    const mixed = g.mixedPrecision(full);
    for (const { op, inputs, outputs } of nodesOf(mixed)) {
      const types = [...inputs, ...outputs].map(({ dtype }) => dtype);
      const isHalf = types.includes('float16');
      if (op === 'Conv') assert.deepEqual(new Set(types), new Set(['float16']));
      else if (/^(Reduce|Sqrt|Div|GridSample|Scatter)/.test(op)) assert.ok(!isHalf, op);
      else if (op !== 'Cast' && op !== 'Resize') assert.ok(!isHalf || !types.includes('float32'), op);
    }
    for (const { dtype, shape } of Object.values(mixed)) assert.ok(dtype === 'float32' && shape.length > 0);
    const share = g.peakBytes(Object.values(mixed)) / g.peakBytes(Object.values(full));
    assert.ok(share < 0.95, `${share}`);
  });
}

test('what is sampled from beyond the range of float16 becomes infinite, what is below it zero', async () => {
  const x = new g.Graph('gpu').input('x', [1, 1, 1, 6]);
  const y = g.conv(x, x.graph.constant([1], [1, 1, 1, 1]));
  const program = await loadGraph(engine, g.mixedPrecision({ y }, halfRounding));
  const given = [65519, -65520, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -25];
  const found = (await engine.run(program, { x: tensor([1, 1, 1, 6], Float32Array.from(given)) })).y!.data;
  assert.deepEqual([...found], [65504, -Infinity, 1, 1 + 2 ** -9, 0, 2 ** -23]);
});

test('positions in a map stay float32, whatever they are computed from', () => {
  const graph = new g.Graph('gpu');
  const field = g.conv(graph.input('x', [1, 2, 8, 8]), graph.input('w', [2, 2, 3, 3]));
  const nodes = nodesOf(g.mixedPrecision({ y: g.warp(graph.input('source', [1, 4, 8, 8]), g.mul(field, 2)) }));
  const types = nodes.flatMap(({ op, outputs }) => (op === 'Mul' || op === 'Add' ? outputs : [])).map((v) => v.dtype);
  assert.deepEqual(new Set(types), new Set(['float32']));
});

test('a product of very many terms stays float32', () => {
  const product = (terms: number) => {
    const graph = new g.Graph('gpu');
    const map = g.conv(graph.input('x', [1, 4, 1, terms]), graph.input('w', [4, 4, 1, 1]));
    const rows = g.reshape(map, [4, terms]);
    return nodesOf(g.mixedPrecision({ y: g.matmul(rows, g.swapLast(rows)) })).find(({ op }) => op === 'MatMul');
  };
  assert.equal(product(1024)!.outputs[0]!.dtype, 'float16');
  assert.equal(product(2048)!.outputs[0]!.dtype, 'float32');
});
