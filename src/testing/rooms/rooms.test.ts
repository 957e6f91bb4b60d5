/**
 * The imports keep the rules of docs/architecture.md. What does not yet is listed in exceptions.json, and a line there
 * that is no longer true fails as a new fault does.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../docs/pages.js';
import { planOf, svg, table } from './drawing.js';
import { faultsOf, knownFaults, ownImports } from './exceptions.js';
import { unknownRooms, wayToNode } from './faults.js';
import { readImports } from './imports.js';
import { rooms } from './layers.js';

const imports = ownImports();
const found = faultsOf(imports);
const known = knownFaults();

test('every folder of src/ has a level in layers.ts', () => assert.deepEqual(unknownRooms(imports), []));

for (const [rule, faults] of Object.entries(found)) {
  test(`${rule}: nothing does otherwise but the known exceptions`, () => {
    const fresh = faults.filter((fault) => !known[rule]!.includes(fault));
    const ways = fresh.map((fault) => (imports.has(fault) ? (wayToNode(imports, fault) ?? []) : []).join(' → '));
    assert.deepEqual(fresh, [], ways.some(Boolean) ? `${fresh.join(', ')}\nby way of ${ways.join(', ')}` : undefined);
  });
  test(`${rule}: every known exception is one (npm run rooms takes out what is mended)`, () => {
    assert.deepEqual(
      known[rule]!.filter((fault) => !faults.includes(fault)),
      [],
    );
  });
}

test('the drawing and the table are of these imports (npm run rooms makes them anew)', () => {
  const plan = planOf(imports);
  assert.equal(readFileSync(join(root, 'docs/architecture.svg'), 'utf8'), svg(plan));
  assert.ok(readFileSync(join(root, 'docs/architecture.md'), 'utf8').includes(table(plan)));
});

test('tsconfig.core.json compiles every room that works anywhere, but for the files that are known to reach Node', () => {
  const { include, exclude } = JSON.parse(readFileSync(join(root, 'tsconfig.core.json'), 'utf8')) as {
    include: string[];
    exclude: string[];
  };
  const compiled = include.filter((path) => path !== 'types').map((path) => path.split('/')[1]!);
  const wanted = rooms.filter(({ anywhere }) => anywhere).map(({ name }) => name);
  assert.deepEqual(compiled.sort(), wanted.sort());
  const left = exclude.filter((path) => !path.startsWith('**')).map((path) => path.replace(/^src\//, ''));
  assert.deepEqual(left.sort(), [...found['rooms that work anywhere reach nothing of Node']!].sort());
});

test('what tsconfig.core.json compiles sees no types of Node, not even through a type of another room', () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const argv = [compiler, '-p', join(root, 'tsconfig.core.json'), '--listFilesOnly'];
  const { stdout, status } = spawnSync(process.execPath, argv, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  assert.equal(status, 0, stdout);
  const files = stdout.split('\n');
  assert.ok(files.some((file) => file.endsWith('/src/core/tensor.ts')));
  assert.deepEqual(
    files.filter((file) => file.includes('/@types/node/')),
    [],
  );
});

const folder = mkdtempSync(join(tmpdir(), 'cover-rooms-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('each kind of fault is found', () => {
  const files = {
    'core/a.ts': "import { b } from '../use/b.js';",
    'use/b.ts': "import {\n  type C,\n} from './c.js';\nimport { readFileSync } from 'node:fs';",
    'use/c.ts': "import { b } from './b.js';",
    'use/h.ts': "import '../pretrain/mae/g.js';",
    'pretrain/registry.ts': "import './mae/g.js';",
    'pretrain/mae/g.ts': '',
    'nn/types.ts': "import type { B } from '../use/b.js';\n// import { x } from 'node:fs';",
    'pretrain/cover/d.ts': "const module = new URL('../mae/e.js', import.meta.url);",
    'pretrain/mae/e.ts': "export * from '../cover/d.js';",
    'pretrain/mae/e.test.ts': "import 'node:fs';",
    'attic/f.ts': '',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const made = readImports(folder);
  assert.deepEqual(unknownRooms(made), ['attic']);
  assert.deepEqual(Object.values(faultsOf(made)), [
    ['core/a.ts → use/b.ts', 'nn/types.ts → use/b.ts'],
    ['pretrain/cover/d.ts → pretrain/mae/e.ts', 'pretrain/mae/e.ts → pretrain/cover/d.ts'],
    ['use/h.ts → pretrain/mae/g.ts'],
    ['pretrain/cover/d.ts', 'pretrain/mae/e.ts', 'use/b.ts', 'use/c.ts'],
    ['pretrain/cover', 'pretrain/mae'],
    ['core/a.ts', 'use/b.ts', 'use/c.ts'],
  ]);
  assert.deepEqual(wayToNode(made, 'core/a.ts'), ['use/b.ts', 'node:fs']);
});
