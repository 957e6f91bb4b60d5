/** What tells a case's data from others, and when it has to be read for that. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { contentOf, mayDiffer } from './contents.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-contents-'));
after(() => rmSync(folder, { recursive: true }));

test('only files that were changed since a time, and classes that are others, may hold something else', () => {
  const image = join(folder, 'image.png');
  writeFileSync(image, 'pixels');
  const [healthy, ill] = [0, 1].map((label) => ({ id: 'a', image, label, patient: 'a' }));
  const content = contentOf(healthy!);
  assert.equal(mayDiffer(healthy!, content, Date.now() + 86_400_000), false);
  assert.equal(mayDiffer(healthy!, content, Date.now()), true);
  assert.equal(mayDiffer(ill!, content, Date.now() + 86_400_000), true);
  assert.notEqual(contentOf(ill!), content);
  const drawn = { ...healthy!, label: join(folder, 'label.png') };
  writeFileSync(drawn.label, 'classes');
  assert.equal(mayDiffer(drawn, contentOf(drawn), Date.now() + 86_400_000), false);
  assert.notEqual(contentOf(drawn).slice(0, 16), content.slice(0, 16));
});
