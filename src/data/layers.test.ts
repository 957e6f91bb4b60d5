/** Data and images know nothing of what is trained on them: their folders import only what lies below. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const BELOW: Readonly<Record<string, readonly string[]>> = {
  image: ['core', 'image', 'system'],
  data: ['core', 'data', 'image', 'nn', 'system', 'views'],
};

/** Of a built file, the folders of the project that it imports from. */
function foldersOf(file: string, root: string): string[] {
  const imports = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...imports].map(([, target]) => relative(root, resolve(dirname(file), target!)).split(/[\\/]/)[0]!);
}

for (const [folder, allowed] of Object.entries(BELOW)) {
  test(`${folder} imports ${allowed.join(', ')} alone`, {
    skip: existsSync('src') ? false : 'the sources are absent',
  }, () => {
    const files = readdirSync(join('src', folder), { recursive: true })
      .map((name) => join('src', folder, String(name)))
      .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|fixtures/.test(name));
    assert.ok(files.length > 10);
    const wrong = files.flatMap((file) => {
      const found = foldersOf(file, 'src').filter((one) => !allowed.includes(one));
      return found.map((one) => `${file} imports ${one}`);
    });
    assert.deepEqual(wrong, []);
  });
}

/** Built files that a page uses as well, and whatever they import. */
const PORTABLE = [
  'image/index',
  'data/recipe',
  'data/input',
  'data/examine',
  'data/splits',
  'data/passed-over',
  'data/draw-validation',
  'data/labelled/labels',
  'data/labelled/parts',
  'data/labelled/recipe',
];

/** Where a module of Node comes in, as the chain of files that leads to it. */
function nodeModules(file: string, from: readonly string[], seen: Set<string>): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const chain = [...from, file];
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;]*?from\s*'([^']+)'/g)].map(
    ([, target]) => target!,
  );
  return imports.flatMap((target) => {
    if (target.startsWith('.')) return nodeModules(resolve(dirname(file), target), chain, seen);
    return /^(node:|sharp$|onnxruntime-node$)/.test(target) ? [`${target}: ${chain.join(' < ')}`] : [];
  });
}

test('what a page shares imports nothing of Node', () => {
  const dist = new URL('..', import.meta.url).pathname;
  const found = PORTABLE.flatMap((name) => nodeModules(join(dist, `${name}.js`), [], new Set()));
  assert.deepEqual(found, []);
  // The way it is looked for finds what is there.
  assert.ok(nodeModules(join(dist, 'image/files.js'), [], new Set()).some((line) => line.startsWith('node:fs')));
});
