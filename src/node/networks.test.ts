/** When several images are computed at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostOf, type NetworkOptions } from './networks.js';

async function atOnce(options: NetworkOptions, extents?: readonly number[]): Promise<number> {
  const engine = await hostOf(options).startEngine(extents);
  await engine.close();
  return engine.atOnce ?? 1;
}

test('many small images are computed by as many engines as there are threads, four at most', async () => {
  assert.equal(await atOnce({ threads: 2, images: 16 }, [128, 128]), 2);
  assert.equal(await atOnce({ threads: 5, images: 1000 }, [16, 16]), 4);
});

test('few or large images, or those of an unknown size, have one engine with all threads', async () => {
  assert.equal(await atOnce({ threads: 2, images: 15 }, [128, 128]), 1);
  assert.equal(await atOnce({ threads: 2, images: 1000 }, [256, 256]), 1);
  assert.equal(await atOnce({ threads: 2, images: 1000 }, [48, 48, 48]), 1);
  assert.equal(await atOnce({ threads: 1, images: 1000 }, [128, 128]), 1);
  assert.equal(await atOnce({ threads: 2, images: 1000 }), 1);
  assert.equal(await atOnce({ threads: 2 }, [128, 128]), 1);
});
