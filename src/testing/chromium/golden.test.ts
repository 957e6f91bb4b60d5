/** The golden cases that travel with the project, in headless Chromium: all on WebAssembly, a few on WebGPU. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { IndexEntry } from '../golden/outcome.js';
import { type GoldenBrowser, openGoldenPage, pageCases } from './golden.js';
import { missingChromium } from './launch.js';

const folderOf = (name: string) => fileURLToPath(new URL(`../../../golden-data/${name}`, import.meta.url));
const skip = missingChromium() ?? false;

async function runAll(t: TestContext, browser: GoldenBrowser, entries: readonly IndexEntry[]): Promise<void> {
  for (const entry of entries) {
    await t.test(entry.name, async () => {
      const { passed, worst, problem } = await browser.run(entry);
      assert.ok(passed, problem ?? `${worst?.what}: error ${worst?.error}, allowed ${worst?.allowed}`);
    });
  }
}

for (const name of ['operators', 'views']) {
  test(`the golden ${name} on WebAssembly`, { skip }, async (t) => {
    const browser = await openGoldenPage(folderOf(name), 'cpu');
    try {
      assert.equal(browser.device, 'cpu');
      await runAll(t, browser, pageCases(folderOf(name)));
    } finally {
      await browser.close();
    }
  });
}

/** A driver that imitates a graphics card takes seconds for each new operator, so these are few. */
const onWebgpu = ['A_conv2d_k3', 'A_leaky_relu', 'A_group_norm2d_c8', 'A_maxpool2d_even', 'B_warp2d_aligned'];

test('a few golden operators on WebGPU', { skip }, async (t) => {
  const folder = folderOf('operators');
  const browser = await openGoldenPage(folder, 'webgpu');
  try {
    assert.equal(browser.device, 'webgpu');
    const entries = pageCases(folder).filter((entry) => onWebgpu.includes(entry.name));
    assert.equal(entries.length, onWebgpu.length);
    await runAll(t, browser, entries);
  } finally {
    await browser.close();
  }
});
