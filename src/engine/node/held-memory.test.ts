/** Memory that is free where the next value of that shape is far away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../../core/tensor.js';
import { concat, Graph, matmul, mul, reduceMean, reshape, split } from '../../graph/index.js';
import { encodeOnnx } from '../../onnx/encode.js';
import { loadGraph } from '../program.js';
import { startEngine } from './index.js';
import { recordOf } from './placement.js';

const MIB = 2 ** 20;
const SHAPES = [
  [256, 1024],
  [1024, 256],
  [512, 512],
  [128, 2048],
] as const;

/**
 * Products of 1 MiB, each needed for the next, between them one of 4 MiB, and all shapes once more.
 * @param parts from which each is joined, along its rows
 */
function products(parts = 1) {
  const graph = new Graph('cpu');
  const [rows, columns] = [graph.input('rows', [2048]), graph.input('columns', [2048])];
  const starts = { rows, columns };
  const part = (name: keyof typeof starts, length: number) =>
    reshape(mul(starts[name], 1 / length), [length, 2048 / length]);
  return [...SHAPES, [1024, 1024] as const, ...SHAPES].reduce(
    (scale, [r, c]) => {
      const left = mul(reshape(reduceMean(part('rows', r), [1]), [r, 1]), scale);
      const right = reshape(reduceMean(part('columns', c), [1]), [1, c]);
      const rows = split(left, new Array(parts).fill(r / parts), 0).map((some) => matmul(some, right));
      return reduceMean(concat(rows, 0));
    },
    graph.input('scale', [1]),
  );
}

const numbers = (count: number) => Float32Array.from({ length: count }, (_, index) => 1 + (index % 7));
const feeds = {
  rows: tensor([2048], numbers(2048)),
  columns: tensor([2048], numbers(2048)),
  scale: tensor([1], numbers(1)),
};

test('what is needed no more is not held for a later value of the same shape', async () => {
  const inUse = async (parts: number, blur: boolean) => {
    const events = await recordOf('cpu', encodeOnnx({ y: products(parts) }, { blur }), feeds);
    return Math.max(...events.map(({ args }) => Number(args?.mem_bytes_in_use ?? 0))) / MIB;
  };
  // Of eight parts each is too small to be told apart from a value of its shape; what they are joined to is not.
  for (const [parts, most] of [
    [1, 6],
    [8, 16],
  ] as const) {
    const [held, planned] = [await inUse(parts, true), await inUse(parts, false)];
    assert.ok(held < most, `${parts} parts: ${held} MiB in use`);
    assert.ok(
      planned > most + 1,
      `${parts} parts: the runtime's own plan takes ${planned} MiB: nothing to guard against`,
    );
  }
});

test('the values are the same to the bit, and one that is not finite stops nothing', async () => {
  const engine = await startEngine({ device: 'cpu', threads: 1 });
  try {
    const y = products();
    const plain = await engine.load(encodeOnnx({ y }));
    const program = await loadGraph(engine, { y });
    for (const scale of [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const given = { ...feeds, scale: tensor([1], Float32Array.of(scale)) };
      const found = await engine.run(program, given);
      assert.deepEqual(found, await engine.run(plain, given));
      assert.equal(Number.isFinite(found.y!.data[0]), Number.isFinite(scale));
    }
  } finally {
    await engine.close();
  }
});
