/** Writes the tables of settings into the pages that have some. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, root } from './pages.js';
import { withSettings } from './settings.js';

for (const { path, text } of pages()) {
  const made = withSettings(text);
  if (made === text) continue;
  writeFileSync(join(root, path), made);
  console.log(`wrote ${path}`);
}
