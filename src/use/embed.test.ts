/** Features of whole images: sizes, padding, grids, levels, channels, and programs of a bounded number. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { readInput } from '../data/index.js';
import { startEngine } from '../engine/node/index.js';
import { padEdge, resizeImage, resizeLinear } from '../image/index.js';
import { writePng } from '../image/write.js';
import { allClose } from '../testing/all-close.js';
import { backboneFeatures, embed, type Level } from './embed.js';
import { chest, smallModel } from './fixtures.js';
import { createNetwork, type Network } from './network.js';
import { workingShape } from './working-size.js';

let network: Network;
before(async () => {
  network = await createNetwork(smallModel(), { startEngine: () => startEngine({ device: 'cpu', threads: 1 }) }, 4);
});
after(() => network.close());

const features = async (image: Tensor, level: Level = 4) => (await backboneFeatures(network, image, [level]))[0]!;

/** The first `rows` × `columns` of each channel, written without the resizing that is under test. */
function cropped({ shape, data }: Tensor, rows: number, columns: number): Tensor {
  const [channels, height, width] = shape as [number, number, number];
  const result = tensor([channels, rows, columns]);
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < rows; r++) {
      const from = (c * height + r) * width;
      result.data.set(data.subarray(from, from + columns), (c * rows + r) * columns);
    }
  }
  return result;
}

test('at its own divisible size an image is neither resized nor padded', async () => {
  const image = chest(48, 32);
  assert.deepEqual(await embed(network, image, { scale: 1 }), await features(image));
  assert.deepEqual(await embed(network, image, { scale: 1, level: 2 }), await features(image, 2));
});

test('other sizes are padded by their border and cropped back, at every level', async () => {
  const image = chest(41, 30);
  const padded = padEdge(image, [48, 32]);
  assert.deepEqual(await embed(network, image, { scale: 1 }), cropped(await features(padded), 41, 30));
  for (const [level, rows, columns] of [
    [3, 21, 15],
    [0, 3, 2],
  ] as const) {
    const expected = cropped(await features(padded, level), rows, columns);
    assert.deepEqual(await embed(network, image, { scale: 1, level }), expected);
  }
});

test('by default the network sees the scale of the training, and the features come back to the image', async () => {
  const image = chest(96, 64);
  assert.deepEqual(workingShape(network.model.config, [96, 64]), [48, 32]);
  const seen = await features(resizeImage(image, [48, 32], { antialias: true }));
  assert.deepEqual(await embed(network, image, { grid: 'network' }), seen);
  assert.deepEqual(await embed(network, image), resizeLinear(seen, [96, 64]));
  const small = await embed(network, chest(20, 16));
  assert.deepEqual(small.shape, [8, 20, 16]);
});

test('a coarse level is laid over the image where its cells lie', async () => {
  // Of an image of 40 pixels, seen as 20, a cell of 16 seen pixels covers 32; the third cell of 16 is half of the
  // second.
  const level = await embed(network, chest(40, 40), { size: [20, 20], level: 0 });
  assert.deepEqual(level.shape, [16, 3, 3]);
  const cells = await features(padEdge(resizeImage(chest(40, 40), [20, 20], { antialias: true }), [32, 32]), 0);
  const at = (index: number) => cells.data[index]!;
  // Centres at 8, 24 and 40 pixels are 0.25, 0.75 and 1.25 cells: −0.25, 0.25 and 0.75 between the centres of cells.
  const expected = [at(0), 0.75 * at(0) + 0.25 * at(1), 0.25 * at(0) + 0.75 * at(1)];
  allClose(level.data.subarray(0, 3), expected);
});

test('sizes that make no sense are refused', () => {
  const { config } = network.model;
  const refuses = (options: Parameters<typeof workingShape>[2], pattern: RegExp) =>
    assert.throws(
      () => workingShape(config, [10, 10], options),
      (error) => error instanceof InputError && pattern.test(error.message),
    );
  refuses({ size: [16, 16], scale: 1 }, /found both/);
  refuses({ size: [16] }, /expected 2 whole numbers/);
  refuses({ size: [16, 0] }, /found 16, 0/);
  refuses({ scale: 0 }, /above 0, found 0/);
  assert.deepEqual(workingShape(config, [10, 10], { scale: 0.01 }), [1, 1]);
});

test('the number of programs stays bounded and a freed size gives the same features again', async () => {
  const image = chest(16, 16);
  const first = await embed(network, image, { scale: 1 });
  for (const width of [32, 48, 64, 80, 96]) await embed(network, chest(16, width), { scale: 1 });
  assert.ok(network.programs <= 4, `${network.programs} programs`);
  assert.deepEqual(await embed(network, image, { scale: 1 }), first);
});

test('files of one and three channels fit networks of one and three, and nothing else does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cover-embed-'));
  const rgb = await createNetwork(smallModel('data.channels=3'), {
    startEngine: () => startEngine({ device: 'cpu', threads: 1 }),
  });
  try {
    const [gray, colour] = [join(folder, 'gray.png'), join(folder, 'colour.png')];
    await writePng(gray, { width: 16, height: 16, channels: 1, data: new Uint8Array(256).fill(51) });
    await writePng(colour, { width: 16, height: 16, channels: 3, data: new Uint8Array(768).fill(51) });
    for (const file of [gray, colour]) {
      const one = await readInput(file, 1);
      assert.deepEqual(one.shape, [1, 16, 16]);
      allClose(one.data, new Float32Array(256).fill(0.2));
      assert.deepEqual((await embed(rgb, await readInput(file, 3))).shape, [8, 16, 16]);
    }
    await assert.rejects(embed(rgb, await readInput(gray, 1)), /expected an image \[3, H, W\], found \[1, 16, 16\]/);
  } finally {
    await rgb.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what does not fit into the memory is refused before it is tried', async () => {
  const host = { startEngine: () => startEngine({ device: 'cpu', threads: 1 }), freeMemory: () => 0.2e9 };
  const small = await createNetwork(smallModel(), host);
  try {
    assert.equal((await embed(small, chest(32, 32), { scale: 1 })).shape[0], 8);
    await assert.rejects(
      embed(small, chest(64, 64), { size: [4096, 4096] }),
      /expected \d+\.\d GB of free memory for an image of 4096 × 4096 pixels, found 0\.2 GB\n.*--size/,
    );
  } finally {
    await small.close();
  }
});
