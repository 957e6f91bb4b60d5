/** What the tests of the server share. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the folder of a page that has nothing in it. @returns its path */
export function writeEmptyPage(root: string): string {
  const page = join(root, 'page');
  mkdirSync(page);
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>studio</title>');
  return page;
}
