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
