/** The private file system of a page keeps a run as a folder does. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { missingChromium } from './launch.js';
import { openTestPage, type TestPage } from './page.js';
import type { StorePage } from './store-findings.js';

const skip = missingChromium() ?? false;
let opened: TestPage | undefined;
before(async () => {
  if (!skip) opened = await openTestPage('store');
});
after(() => opened?.close());

for (const where of ['inPage', 'inWorker'] as const) {
  test(`files are written, appended to, copied, renamed and removed: ${where}`, { skip }, async () => {
    const found = await opened!.page.evaluate(
      (place) => (globalThis as unknown as { readonly store: StorePage }).store[place](place),
      where,
    );
    assert.match(found.second, /InputError: runs\/\w+: another tab or worker of this browser uses this run/);
    assert.deepEqual(found.before, []);
    assert.equal(found.config, 'seed: 2\n');
    assert.equal(found.metrics, '{"step":1}\n{"step":2}\n{"step":3}\n');
    assert.deepEqual(found.best, [1, 2, 3]);
    assert.equal(found.absent, null);
    assert.deepEqual(found.inAbsent, []);
    const files = ['checkpoints/best', 'checkpoints/step-1.damaged', 'config.yaml', 'metrics.jsonl'];
    assert.deepEqual(found.files, files);
    assert.deepEqual(found.list, ['checkpoints', 'config.yaml', 'metrics.jsonl']);
    assert.deepEqual(found.twin, files);
    assert.deepEqual(found.twinBest, [1, 2, 3]);
    assert.match(found.twice, /InputError: runs\/\w+-twin: there is a run of this name/);
    assert.match(found.outside, /InputError: .*found one that leads out of it/);
    assert.match(found.copied, /InputError: runs\/\w+\/none: there is no such file/);
    assert.deepEqual(found.remaining, ['config.yaml', 'metrics.jsonl']);
    assert.match(found.removed, /InputError: .*found that they were removed/);
  });
}
