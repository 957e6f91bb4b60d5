import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readImage } from './read.js';
import { writePng } from './write.js';

test('a written PNG comes back with the same values', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'cover-write-'));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const channels of [1, 3] as const) {
    const data = Uint8Array.from({ length: 6 * channels }, (_, index) => (index * 37) % 256);
    const path = join(folder, 'new', `${channels}.png`);
    await writePng(path, { width: 3, height: 2, channels, data });
    const image = await readImage(path);
    assert.deepEqual([image.shape, image.channels], [[2, 3], channels]);
    for (let index = 0; index < 6; index++) {
      for (let channel = 0; channel < channels; channel++) {
        assert.equal(image.data[channel * 6 + index], data[index * channels + channel]);
      }
    }
  }
});

test('a wrong count of values is a mistake of our own', async () => {
  await assert.rejects(
    writePng('x.png', { width: 2, height: 2, channels: 1, data: new Uint8Array(3) }),
    /internal: 3 values/,
  );
});
