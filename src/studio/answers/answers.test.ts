/** What both places of work compute alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../../core/tensor.js';
import { openNetwork } from '../../node/networks.js';
import { smallModel } from '../../use/fixtures.js';
import { UNPAINTED } from '../drawing/map.js';
import { distancesFrom } from './distances.js';
import { imageFeatures } from './features.js';
import { keptFeatures, keptText } from './kept-features.js';
import { forEachValue, parsedRecord } from './metrics.js';
import { asLabels, meanDice } from './prediction.js';
import { registered } from './registration.js';

const features = new Map([
  ['a', Float32Array.of(0, 0)],
  ['b', Float32Array.of(1, 0)],
  ['c', Float32Array.of(0, 3)],
]);

test('the farthest case is the one that is least like those that are labelled', () => {
  const one = distancesFrom(features, new Set(['a']));
  assert.equal(one.a, 0);
  assert.ok(Math.abs(one.c! / one.b! - 3) < 1e-5, 'distances keep their proportions');
  const two = distancesFrom(features, new Set(['a', 'c']));
  assert.equal(two.c, 0);
  assert.ok(two.b! > 0 && Math.abs(two.b! - one.b!) < 1e-6, 'the nearest labelled case counts');
});

test('where nothing is labelled, distances are those from the middle', () => {
  const all = distancesFrom(features, new Set());
  // The middle is (1/3, 1).
  assert.ok(Math.abs(all.a! / all.c! - Math.hypot(1 / 3, 1) / Math.hypot(1 / 3, 2)) < 1e-5);
  assert.deepEqual(distancesFrom(new Map(), new Set()), {});
});

test('features are kept for one network, and a file that is none keeps nothing', () => {
  const text = keptText(features, 'runs/a/best');
  assert.deepEqual(keptFeatures(text, 'runs/a/best'), features);
  assert.equal(keptFeatures(text, 'runs/b/best').size, 0);
  for (const broken of [null, '', '{', '[]', '{"network":"runs/a/best","cases":{"a":["x"]}}']) {
    assert.equal(keptFeatures(broken, 'runs/a/best').size, 0);
  }
});

test('what nobody painted is background, or of no class', () => {
  const drawn = Uint8Array.of(1, UNPAINTED, 1, UNPAINTED);
  assert.deepEqual([...asLabels(drawn, true)], [1, 0, 1, 0]);
  const prediction = { shape: [2, 2], data: Uint8Array.of(1, 1, 1, 0) };
  const dice = (rest: boolean) => meanDice(prediction, { shape: [2, 2], data: asLabels(drawn, rest) }, 2);
  assert.equal(dice(true), 0.8);
  assert.equal(dice(false), 1);
  assert.equal(meanDice({ shape: [1, 1], data: Uint8Array.of(0) }, { shape: [1, 1], data: Uint8Array.of(0) }, 2), null);
});

test('a volume is seen slice by slice by a network of slices: features lie on it, and no field is asked for', async () => {
  const network = await openNetwork(smallModel('data.slices=sagittal', 'views.margin=1'), { threads: 1 });
  try {
    const image = tensor(
      [1, 32, 40, 3],
      Float32Array.from({ length: 32 * 40 * 3 }, (_, at) => (at % 7) / 7),
    );
    const { facts } = await imageFeatures(network, image);
    // Resized to fit into the slices of 32 × 32 of the training.
    assert.deepEqual(facts.grid, [26, 32, 3]);
    assert.deepEqual(facts.levels[4], { shape: [8, 32, 32, 3], span: [26, 32, 3] });
    assert.deepEqual(facts.levels[2], { shape: [16, 8, 8, 3], span: [6.5, 8, 3] });
    await assert.rejects(registered(network, image, image), /needs a network of volumes, found one of sagittal slices/);
  } finally {
    await network.close();
  }
  const images = await openNetwork(smallModel(), { threads: 1 });
  try {
    await assert.rejects(imageFeatures(images, tensor([1, 4, 32, 32])), /expected images, .* found volumes/);
  } finally {
    await images.close();
  }
});

test('points come from whole records alone', () => {
  const found: unknown[] = [];
  for (const line of ['{"kind":"train","step":3,"loss":0.5,"device":"cpu"}', '{"kind":"tr', '', '[1]', '{"step":4}']) {
    const record = parsedRecord(line);
    if (record) forEachValue(record, (...point) => found.push(point));
  }
  assert.deepEqual(found, [['train.loss', 3, 0.5]]);
});
