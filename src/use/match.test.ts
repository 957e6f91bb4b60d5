/** Correspondences: an image with itself and with its shifted copy, coordinates of other sizes, bad points; fields. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InputError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/index.js';
import { openNetwork } from '../node/networks.js';
import { predictField } from './field.js';
import { chest, smallModel } from './fixtures.js';
import { matchPoints } from './match.js';
import { backboneOf } from './model.js';
import type { Network } from './network.js';

let network: Network;
before(async () => {
  network = await openNetwork(smallModel(), { threads: 1 });
});
after(() => network.close());

test('every point of an image is found in the image itself', async () => {
  const image = chest(48, 48);
  const points = [
    { x: 0, y: 0 },
    { x: 30, y: 11 },
    { x: 47, y: 47 },
  ];
  for (const levels of [undefined, [4]] as const) {
    for (const { from, to, similarity, map } of await matchPoints(network, image, image, points, { levels })) {
      const distance = Math.hypot(to.x - from.x, to.y - from.y);
      assert.equal(distance, 0, `${from.x},${from.y} was found at ${to.x},${to.y}`);
      assert.ok(Math.abs(similarity - 1) < 1e-5, `similarity ${similarity}`);
      assert.deepEqual(map.shape, [1, 48, 48]);
    }
  }
});

/** A network whose features are the intensity as an angle: equal intensities, and no others, have the cosine 1. */
const angles: Network = {
  model: smallModel(),
  device: 'cpu',
  atOnce: 1,
  programs: 0,
  run: async (_name, _build, { image }) => {
    const { data, shape } = image!;
    const values = [...data.map(Math.cos), ...data.map(Math.sin)];
    return { level4: tensor([1, 2, ...shape.slice(2)], Float32Array.from(values)) };
  },
  close: async () => {},
};

test('a point moves with the image', async () => {
  const image = tensor(
    [1, 48, 48],
    new Float32Array(48 * 48).map((_, index) => index / 48 / 16),
  );
  // 16 rows down and 5 columns right; what leaves on one side comes in on the other.
  const moved = tensor(
    image.shape,
    new Float32Array(48 * 48).map((_, index) => image.data.at(index - 16 * 48 - 5)!),
  );
  const points = [
    { x: 40, y: 24 },
    { x: 3, y: 0 },
  ];
  const matches = await matchPoints(angles, image, moved, points, { levels: [4] });
  assert.deepEqual(
    matches.map(({ to }) => to),
    [
      { x: 45, y: 40 },
      { x: 8, y: 16 },
    ],
  );
  assert.ok(
    Math.abs(matches[0]!.map.data[0]! - Math.cos(image.data.at(-16 * 48 - 5)! - image.data[24 * 48 + 40]!)) < 1e-5,
  );
});

test('points are pixels of A and B whatever the sizes of the images and of the network', async () => {
  const image = chest(48, 48);
  const large = resizeLinear(image, [96, 144]);
  const [match] = await matchPoints(network, image, large, [{ x: 20, y: 30 }], { levels: [4], size: [48, 48] });
  // The centre of pixel 20 of 48 is the place 3 · 20.5 − 0.5 of 144, that of 30 of 48 is 2 · 30.5 − 0.5 of 96.
  assert.ok(Math.abs(match!.to.x - 61) <= 3 && Math.abs(match!.to.y - 60.5) <= 2, `${match!.to.x},${match!.to.y}`);
});

test('a point of a volume moves with the volume', async () => {
  const shape = [16, 32, 16];
  const at = (z: number, y: number, x: number) => (z * 32 + y) * 16 + x;
  const image = tensor(
    [1, ...shape],
    new Float32Array(16 * 32 * 16).map((_, index) => (6 * index) / 8192),
  );
  const moved = tensor(image.shape, new Float32Array(8192));
  // 3 voxels up, 7 to the front and 2 to the left; what leaves on one side comes in on the other.
  for (let z = 0; z < 16; z++) {
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 16; x++) {
        moved.data[at((z + 3) % 16, (y + 7) % 32, (x + 14) % 16)] = image.data[at(z, y, x)]!;
      }
    }
  }
  const volumes: Network = { ...angles, model: smallModel('views.crop=[16, 32, 16]', 'data.fit=keep') };
  const points = [
    { z: 4, y: 10, x: 9 },
    { z: 15, y: 0, x: 5 },
  ];
  const matches = await matchPoints(volumes, image, moved, points, { levels: [4] });
  assert.deepEqual(
    matches.map(({ to }) => to),
    [
      { x: 7, y: 17, z: 7 },
      { x: 3, y: 7, z: 2 },
    ],
  );
  assert.deepEqual(matches[0]!.map.shape, [1, ...shape]);
  await assert.rejects(
    matchPoints(volumes, image, moved, [{ z: 16, y: 0, x: 0 }]),
    /16,0,0 lies outside .* 16 × 32 × 16 voxels in RAS[\s\S]*z from 0 to 15, y from 0 to 31/,
  );
  await assert.rejects(matchPoints(volumes, image, moved, [{ y: 0, x: 0 }]), /point z,y,x, found 2/);
});

test('a point outside of A is refused with the range', async () => {
  const image = chest(32, 48);
  for (const point of [
    { x: 48, y: 5 },
    { x: 5, y: 32 },
    { x: -1, y: 5 },
    { x: Number.NaN, y: 5 },
  ]) {
    await assert.rejects(
      matchPoints(network, image, image, [point]),
      (error) => error instanceof InputError && /48 wide and 32 high[\s\S]*x from 0 to 47/.test(error.message),
    );
  }
});

test('the field has the size of A, and warping reads where it points', async () => {
  const image = chest(41, 30);
  const { field, warped, fixed } = await predictField(network, image, chest(60, 50, 1), { scale: 1 });
  assert.deepEqual(
    [field.shape, warped.shape, fixed.shape],
    [
      [2, 41, 30],
      [1, 41, 30],
      [1, 41, 30],
    ],
  );
  let checked = 0;
  for (let row = 0; row < 41; row++) {
    for (let column = 0; column < 30; column++) {
      const pixel = row * 30 + column;
      const [y, x] = [row + field.data[pixel]!, column + field.data[41 * 30 + pixel]!];
      const [r, c] = [Math.floor(y), Math.floor(x)];
      if (r < 0 || c < 0 || r >= 40 || c >= 29) continue;
      const at = (down: number, right: number) => image.data[(r + down) * 30 + c + right]!;
      const [upper, lower] = [0, 1].map((down) => at(down, 0) * (1 - (x - c)) + at(down, 1) * (x - c));
      const expected = upper! * (1 - (y - r)) + lower! * (y - r);
      assert.ok(Math.abs(warped.data[pixel]! - expected) < 1e-5);
      checked++;
    }
  }
  assert.ok(checked > 600, `${checked} pixels were checked`);
});

test('a backbone alone gives no field, and says so', async () => {
  const backbone = await openNetwork(backboneOf(network.model), { threads: 1 });
  try {
    await assert.rejects(predictField(backbone, chest(32, 32), chest(32, 32)), /needs the projections/);
    assert.equal((await matchPoints(backbone, chest(32, 32), chest(32, 32), [{ x: 3, y: 3 }])).length, 1);
  } finally {
    await backbone.close();
  }
});
