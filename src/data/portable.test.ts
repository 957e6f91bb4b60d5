/** What a page shares with a folder imports nothing of Node, not even through others. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';

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
