import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { chestPhantom } from './chest.js';
import { writePhantoms } from './write.js';

test('a folder of phantoms: 8 bit pictures, labels that survive the PNG, disjoint splits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'phantoms-'));
  try {
    const splits = await writePhantoms(folder, 5, { size: [64, 80], seed: 2 });
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'splits.json'), 'utf8')), splits);
    assert.equal(new Set([...splits.train, ...splits.val]).size, 5);
    assert.equal(splits.val.length, 1);
    assert.equal(readdirSync(join(folder, 'images')).length, 5);
    const path = join(folder, 'labels', `${splits.train[1]}.png`);
    const { format, depth, channels, width, height } = await sharp(path).metadata();
    assert.deepEqual(
      { format, depth, channels, width, height },
      { format: 'png', depth: 'uchar', channels: 1, width: 80, height: 64 },
    );
    const stored = await sharp(path).toColourspace('b-w').raw().toBuffer();
    assert.deepEqual(new Uint8Array(stored), chestPhantom({ size: [64, 80], seed: 2, subject: 1 }).labels);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a count that is not a positive whole number is refused', async () => {
  await assert.rejects(writePhantoms('/nowhere', 0), /at least 1/);
});
