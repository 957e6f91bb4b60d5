/** The runtime's library as it is opened for operators of ours. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { ownOperatorsWork } from './available.js';

(ownOperatorsWork() ? test : test.skip)('the library stays in memory when nothing refers to it', () => {
  const code = `
    import { readFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { openApi } from ${JSON.stringify(new URL('api.js', import.meta.url).href)};
    const { at } = openApi();
    for (let k = 0; k < 5; k++) {
      gc();
      await sleep(10);
    }
    const regions = readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((line) => line.includes('libonnxruntime'));
    console.log(regions.some((line) => {
      const [from, to] = line.split(' ')[0].split('-').map((address) => BigInt('0x' + address));
      return at.parallelFor >= from && at.parallelFor < to;
    }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  assert.equal(stdout.trim(), 'true', stderr);
});
