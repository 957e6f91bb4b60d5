/** Bands of planes on another grid are what the whole map is there, and come while the windows are still being seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import { type Band, putBand } from '../../finetune/segmentation/band.js';
import { slidingBands } from '../../finetune/segmentation/sliding-window.js';
import { boxGrid, type Grid, resampleData, resizedGrid, resizeLinear } from '../../image/index.js';
import { allClose } from '../../testing/all-close.js';
import { placedOn } from './placed.js';

const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

function noise(...shape: number[]): Tensor {
  const random = randomStream('placed', ...shape);
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
  );
}

/** A map in bands of these many planes. */
async function* cut(map: Tensor, heights: readonly number[]): AsyncGenerator<Band> {
  const [classes, depth, ...rest] = map.shape as [number, number, ...number[]];
  const plane = sizeOf(rest);
  let start = 0;
  for (const height of heights) {
    const values = tensor([classes, height, ...rest]);
    for (let k = 0; k < classes; k++) {
      const from = (k * depth + start) * plane;
      values.data.set(map.data.subarray(from, from + height * plane), k * height * plane);
    }
    yield { start, values };
    start += height;
  }
}

async function whole(bands: AsyncIterable<Band>, shape: readonly number[]): Promise<Tensor> {
  const map = tensor(shape);
  let next = 0;
  for await (const { start, values } of bands) {
    assert.equal(start, next);
    putBand(map, { start, values });
    next += values.shape[1]!;
  }
  assert.equal(next, shape[1]);
  return map;
}

const tolerance = { absolute: 1e-5 };

const oblique = [0.5, 0.1, 0, -30, -0.1, 0.5, 0, 12, 0, 0, 2, 7, 0, 0, 0, 1];
const grid: Grid = { shape: [11, 7, 9], affine: oblique };
const targets: Readonly<Record<string, Grid>> = {
  itself: grid,
  finer: resizedGrid(grid, [24, 10, 13]),
  coarser: resizedGrid(grid, [4, 5, 3]),
  'a box within': boxGrid(grid, [2, 1, 0], [6, 5, 9]),
  'a box beyond': boxGrid(grid, [-3, -1, 0], [17, 9, 9]),
};

for (const [name, target] of Object.entries(targets)) {
  for (const heights of [[11], [4, 4, 3], Array(11).fill(1)]) {
    test(`${heights.length} bands on ${name} are the whole map there`, async () => {
      const map = noise(3, ...grid.shape);
      const found = await whole(placedOn(cut(map, heights), grid, target), [3, ...target.shape]);
      allClose(found.data, resampleData(map.data, grid, target, 'linear'), tolerance);
    });
  }
}

test('rows of an image are resized as the image is', async () => {
  const map = noise(2, 16, 20);
  const target: Grid = { shape: [37, 11, 1], affine: identity };
  const source = resizedGrid(target, [16, 20, 1]);
  const found = await whole(placedOn(cut(map, [5, 5, 6]), source, target), [2, 37, 11]);
  allClose(found.data, resizeLinear(map, [37, 11]).data, tolerance);
});

test('a band comes as soon as no window reaches it, with one window seen ahead, and holds no more than a row of them', async () => {
  let seen = 0;
  const predict = async ({ shape, data }: Tensor) => {
    seen++;
    return tensor([1, ...shape.slice(1)], data);
  };
  const image = noise(1, 96, 40, 16);
  const events: [number, number][] = [];
  for await (const { values } of slidingBands(image, predict, { window: [16, 16, 16] })) {
    events.push([seen, values.shape[1]!]);
    assert.ok(values.shape[1]! <= 16);
  }
  assert.equal(events.length, 11);
  assert.deepEqual(events[0], [5, 8]);
  assert.equal(
    events.reduce((sum, [, rows]) => sum + rows, 0),
    96,
  );
  assert.equal(seen, 44);
});
