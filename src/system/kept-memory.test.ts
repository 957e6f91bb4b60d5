import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const glibc = 'glibcVersionRuntime' in (process.report.getReport() as { header: object }).header;

/** Pages that a process touches for the first time while it fills a second array of 64 MiB, the first being free. */
function freshPages(before: string): number {
  const program = `
    import { keepMemory } from ${JSON.stringify(new URL('./kept-memory.js', import.meta.url).href)};
    ${before}
    let array = new Float32Array(2 ** 24).fill(1);
    array = undefined;
    gc();
    const touched = process.resourceUsage().minorPageFault;
    array = new Float32Array(2 ** 24).fill(2);
    console.log(process.resourceUsage().minorPageFault - touched + 0 * array[0]);`;
  const given = ['--expose-gc', '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
  assert.equal(stderr, '');
  return Number(stdout);
}

test('what is free is filled again without a fresh page', { skip: glibc ? false : 'there is no glibc here' }, () => {
  const kept = freshPages(`if (!keepMemory()) throw new Error('it was not done');`);
  assert.ok(kept < 500, `${kept} pages`);
  // A system that gives large pages to all needs few of them anyway.
  const pages = '/sys/kernel/mm/transparent_hugepage/enabled';
  if (existsSync(pages) && readFileSync(pages, 'utf8').includes('[always]')) return;
  const usual = freshPages('');
  assert.ok(usual > 10_000, `${usual} pages without it`);
});
