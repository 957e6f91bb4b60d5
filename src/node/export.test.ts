/** Exported files: they run and compute the same, hold named weights and their facts, and bad sizes are refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { startEngine } from '../engine/node/index.js';
import { embed } from '../use/embed.js';
import { onnxBytes } from '../use/export/backbone.js';
import { chest, smallModel } from '../use/fixtures.js';
import { createModel, namedParameters } from '../use/model.js';
import { exportOnnx } from './export.js';
import { openNetwork } from './networks.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-export-'));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [bitDepth, maximum] of [
  [8, 255],
  [16, 65535],
  [32, 1],
] as const) {
  test(`stored values of ${bitDepth} bits give the features of embed`, async () => {
    const model = smallModel();
    const path = join(folder, `${bitDepth}.onnx`);
    const result = await exportOnnx(model, path, { size: [32, 48], bitDepth });
    assert.ok(result.largestValue > 0.5, `largest value ${result.largestValue}`);
    assert.ok(result.largestDifference < 1e-5 * result.largestValue, `difference ${result.largestDifference}`);
    assert.deepEqual(result.inputShape, [1, 'channels', 'height', 'width']);
    // Tried on a larger image in colour.
    assert.deepEqual(
      [result.values, result.tried],
      [maximum === 1 ? 'values 0 to 1' : `stored values 0 to ${maximum}`, [3, 41, 62]],
    );
    assert.deepEqual(result.outputs, {
      features: [1, 8, 32, 48],
      level3: [1, 8, 16, 24],
      level2: [1, 16, 8, 12],
      level1: [1, 16, 4, 6],
      level0: [1, 16, 2, 3],
    });
    const image = chest(32, 48, 3);
    const [engine, network] = [await startEngine({ device: 'cpu' }), await openNetwork(model, { threads: 1 })];
    try {
      const program = await engine.load(readFileSync(path));
      const stored = tensor(
        [1, 1, 32, 48],
        image.data.map((value) => value * maximum),
      );
      const { features } = await engine.run(program, { image: stored });
      const expected = await embed(network, image, { scale: 1 });
      const worst = expected.data.reduce((most, v, index) => Math.max(most, Math.abs(v - features!.data[index]!)), 0);
      assert.ok(worst < 1e-4, `worst difference ${worst}`);
    } finally {
      await engine.close();
      await network.close();
    }
  });
}

test('the file names its weights and says what it expects', () => {
  const model = smallModel('data.channels=3');
  const bytes = onnxBytes(model, { size: [16, 16], bitDepth: 16 });
  const text = Buffer.from(bytes).toString('latin1');
  for (const name of ['backbone.inc.double_conv.0.weight', 'backbone.up4.conv.double_conv.3.weight']) {
    assert.ok(text.includes(name), name);
  }
  assert.ok(!text.includes('proj.0'), 'projections are left out');
  for (const fact of [
    'cover-ts',
    'float32 [1, channels, height, width], 1 or 3 channels, stored values from 0 to 65535',
    'image / 65535',
    '"crop":[32,32]',
  ]) {
    assert.ok(text.includes(fact), fact);
  }
});

test('a network of three channels is exported and checked', async () => {
  const { largestDifference } = await exportOnnx(smallModel('data.channels=3'), join(folder, 'rgb.onnx'));
  assert.ok(largestDifference < 1e-4);
});

test('equal parameters share nothing that breaks the file', async () => {
  const fresh = smallModel();
  const flat = new Map([...namedParameters(fresh)].map(([name, { shape }]) => [name, tensor(shape)]));
  const zero = createModel(fresh.config, flat);
  assert.equal((await exportOnnx(zero, join(folder, 'zero.onnx'), { size: [16, 16] })).largestDifference, 0);
});

test('a size that cannot be halved four times names the nearest that can', async () => {
  const model = smallModel();
  await assert.rejects(
    exportOnnx(model, join(folder, 'odd.onnx'), { size: [40, 32] }),
    /divisible by 16, found 40 × 32[\s\S]*32 × 32 and 48 × 32/,
  );
});
