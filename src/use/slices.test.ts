/** Volumes through a network that was trained on slices: features, sizes and matches slice by slice. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InputError } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { padEdge, sliceAxis, sliceOf, slicePlanes } from '../image/index.js';
import { openNetwork } from '../node/networks.js';
import { backboneFeatures, embed } from './embed.js';
import { predictField } from './field.js';
import { chest, smallModel } from './fixtures.js';
import { matchPoints } from './match.js';
import type { Network } from './network.js';
import { workingShape } from './working-size.js';

const networks = new Map<string, Network>();
before(async () => {
  for (const plane of slicePlanes) {
    networks.set(plane, await openNetwork(smallModel(`data.slices=${plane}`), { threads: 1 }));
  }
});
after(() => Promise.all([...networks.values()].map((network) => network.close())));

/** Chests of several people, one behind the other. */
function volume([depth, height, width]: readonly [number, number, number], first = 0): Tensor {
  const result = tensor([1, depth, height, width]);
  for (let z = 0; z < depth; z++) result.data.set(chest(height, width, first + z).data, z * height * width);
  return result;
}

function noise(extents: readonly number[]): Tensor {
  const random = randomStream(0, 'noise');
  return tensor(
    [1, ...extents],
    Float32Array.from({ length: sizeOf(extents) }, () => random.uniform()),
  );
}

test('the features of a volume are those of its slices, as images', async () => {
  for (const plane of slicePlanes) {
    const network = networks.get(plane)!;
    const extents = [32, 32, 32].with(sliceAxis(plane), 3) as [number, number, number];
    const image = noise(extents);
    for (const level of [4, 2] as const) {
      const features = await embed(network, image, { scale: 1, level });
      const cells = 32 / 2 ** (4 - level);
      assert.deepEqual(features.shape.slice(1), [cells, cells, cells].with(sliceAxis(plane), 3), plane);
      for (let index = 0; index < 3; index++) {
        const slice = tensor([1, 32, 32], sliceOf(image.data, extents, plane, index));
        const [own] = await backboneFeatures(network, slice, [level]);
        assert.deepEqual(sliceOf(features.data, features.shape.slice(1), plane, index), own!.data, `${plane} ${index}`);
      }
    }
  }
});

test('elements of a coarse level are counted from the first voxel, though slices run backwards', async () => {
  const network = networks.get('axial')!;
  const image = volume([2, 21, 30]);
  for (const level of [4, 2, 0] as const) {
    const found = await embed(network, image, { scale: 1, level });
    const padded = await embed(network, padEdge(image, [2, 32, 32]), { scale: 1, level });
    const cell = 2 ** (4 - level);
    assert.deepEqual(found.shape.slice(1), [2, Math.ceil(21 / cell), Math.ceil(30 / cell)]);
    const [, , rows, columns] = found.shape as [number, number, number, number];
    const [, , most, wide] = padded.shape as [number, number, number, number];
    for (let at = 0; at < found.data.length; at++) {
      const [column, row, plane] = [at % columns, Math.floor(at / columns) % rows, Math.floor(at / columns / rows)];
      assert.equal(found.data[at], padded.data[(plane * most + row) * wide + column]);
    }
  }
});

test('sizes are those of slices, and their number stays', async () => {
  const network = networks.get('coronal')!;
  const { config } = network.model;
  assert.deepEqual(workingShape(config, [96, 7, 64]), [48, 7, 32]);
  assert.deepEqual(workingShape(config, [96, 7, 64], { size: [16, 32] }), [16, 7, 32]);
  assert.throws(() => workingShape(config, [96, 7, 64], { size: [16, 7, 32] }), /expected 2 whole numbers/);
  assert.deepEqual((await embed(network, noise([96, 3, 64]))).shape, [8, 96, 3, 64]);
});

test('a point is found in the slice that shows it, among however many', async () => {
  const network = networks.get('axial')!;
  const [a, b] = [volume([3, 32, 32], 2), volume([5, 32, 32])];
  const points = [
    { x: 9, y: 20, z: 0 },
    { x: 21, y: 12, z: 2 },
  ];
  const found = await matchPoints(network, a, b, points, { scale: 1 });
  assert.deepEqual(
    found.map(({ to }) => to),
    points.map(({ x, y, z }) => ({ x, y, z: z + 2 })),
  );
  for (const { similarity, map } of found) {
    assert.ok(similarity > 1 - 1e-5, `${similarity}`);
    assert.deepEqual(map.shape, [1, 5, 32, 32]);
  }
});

test('no field of volumes comes from slices', async () => {
  await assert.rejects(
    predictField(networks.get('axial')!, volume([2, 32, 32]), volume([2, 32, 32])),
    (error) =>
      error instanceof InputError && /needs a network of volumes, found one of axial slices/.test(error.message),
  );
});
