/** The tables of settings in the documentation say what the schemas say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pages } from './pages.js';
import { hasSettings, withSettings } from './settings.js';

test('the tables of settings are those of the schemas (npm run settings writes them)', () => {
  const found = pages().filter(({ text }) => hasSettings(text));
  assert.deepEqual(found.map(({ path }) => path).sort(), ['docs/finetuning.md', 'docs/pretraining.md']);
  for (const { path, text } of found) assert.equal(text, withSettings(text), path);
});

test('a table replaces what stands between its marks', () => {
  const page = 'before\n<!-- settings: pretrain -->\nstale\n<!-- end -->\nbehind\n';
  const made = withSettings(page);
  assert.match(made, /^before\n<!-- settings: pretrain -->\n\n\| key \| /);
  assert.match(made, /\n\| `batch\.size` \| whole number ≥ 1 \| `4` \| samples of a step \|\n/);
  assert.match(made, /\|\n\n<!-- end -->\nbehind\n$/);
  assert.doesNotMatch(made, /stale/);
  assert.equal(withSettings(made), made);
});
