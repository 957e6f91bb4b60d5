import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { freeMemory } from './free-memory.js';

const root = mkdtempSync(join(tmpdir(), 'cover-memory-'));
after(() => rmSync(root, { recursive: true }));

function system(name: string, files: Readonly<Record<string, string>>): string {
  const meminfo = 'MemTotal: 9000 kB\nMemFree: 100 kB\nMemAvailable:    8000 kB\n';
  for (const [path, text] of Object.entries({ 'proc/meminfo': meminfo, ...files })) {
    mkdirSync(dirname(join(root, name, path)), { recursive: true });
    writeFileSync(join(root, name, path), text);
  }
  return join(root, name);
}

test('without a limit it is what the system has available', () => {
  assert.equal(freeMemory(system('free', {})), 8000 * 1024);
  assert.ok(freeMemory() > 0);
});

test('the limit of a control group or of one above it counts, less what cannot be dropped', () => {
  const second = system('second', {
    'proc/self/cgroup': '0::/job/step\n',
    'sys/fs/cgroup/job/step/memory.max': 'max\n',
    'sys/fs/cgroup/job/step/memory.current': '70000\n',
    'sys/fs/cgroup/job/memory.max': '100000\n',
    'sys/fs/cgroup/job/memory.current': '70000\n',
    'sys/fs/cgroup/job/memory.stat': 'anon 1\ninactive_file 20000\n',
  });
  assert.equal(freeMemory(second), 50000);
  const first = system('first', {
    'proc/self/cgroup': '3:cpu:/x\n5:memory:/job\n',
    'sys/fs/cgroup/memory/job/memory.limit_in_bytes': '90000\n',
    'sys/fs/cgroup/memory/job/memory.usage_in_bytes': '95000\n',
  });
  assert.equal(freeMemory(first), 0);
});
