/** Comments keep to the width of the code, which the formatter does not see to. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const WIDTH = 120;

test('no comment is wider than the code', () => {
  const files = ['src', 'scripts', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((name) => /\.(ts|tsx|mjs)$/.test(name) && !name.includes('node_modules')),
  );
  const wide = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        line.length > WIDTH && /^\s*(\*|\/\/|\/\*\*)/.test(line) && !line.includes('biome-ignore')
          ? [`${file}:${index + 1}`]
          : [],
      ),
  );
  assert.deepEqual(wide, []);
});
