/** Pages are made of Markdown, and what is wrong with it is told instead of published. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { deadLinks } from '../check.js';
import { articleOf, type Surroundings } from './markdown.js';
import { documentation } from './pages.js';
import { pathBetween, placeOfPage } from './paths.js';

const around: Surroundings = {
  address: (target) => `to/${target}`,
  picture: (target) => ({ address: target, width: 8, height: 4 }),
};
const htmlOf = (markdown: string) => articleOf(`# Title\n\n${markdown}`, around).html;

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'cover-site-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const table = (...pages: string[]) =>
  `# Documentation\n\n| to | read |\n| --- | --- |\n${pages.map((page) => `| use it | [x](${page}) |\n`).join('')}`;

test('headings have the places that GitHub gives them, counted where they repeat', () => {
  const { headings, title } = articleOf('# The `page`\n\n## Size, in px\n\n## Size, in px\n', around);
  assert.equal(title, 'The page');
  assert.deepEqual(
    headings.map(({ anchor }) => anchor),
    ['the-page', 'size-in-px', 'size-in-px-1'],
  );
});

test('code is told apart by classes, and stays text', () => {
  const html = htmlOf('```ts\nconst a = "<b>";\n```\n\n```\n$ cover doctor xrays\n3 of 3 & more\n```\n');
  assert.match(html, /<span class="hljs-keyword">const<\/span>/);
  assert.match(html, /&lt;b&gt;/);
  assert.match(html, /<span class="hljs-meta prompt_">\$ <\/span>/);
  assert.match(html, /3 of 3 &amp; more/);
  assert.doesNotMatch(html, /<b>|style=/);
  assert.throws(() => htmlOf('```klingon\nx\n```\n'), /expected a block of bash, .* found klingon/);
});

test('links, pictures and tables', () => {
  const html = htmlOf('[a](b.md#c) [d](https://e.org) ![f](g.png)\n\n| | h |\n| --- | ---: |\n| i | 1 |\n');
  assert.match(html, /<a href="to\/b\.md#c">a<\/a>/);
  assert.match(html, /<a href="https:\/\/e\.org" rel="external noreferrer">d<\/a>/);
  assert.match(html, /<img src="g\.png" alt="f" width="8" height="4"/);
  assert.match(html, /<tr><td><\/td><th scope="col" class="number">h<\/th><\/tr>/);
});

test('comments are left out, and other HTML is refused', () => {
  assert.equal(htmlOf('<!-- not run: why -->\n\na\n'), htmlOf('a\n'));
  assert.throws(() => htmlOf('<script>alert(1)</script>\n'), /expected no HTML but comments, found <script>/);
  assert.throws(() => htmlOf('an <b onclick="x">inline</b> one\n'), /expected no HTML but comments, found <b onclick/);
  assert.throws(() => articleOf('no heading\n', around), /expected a heading of the first level/);
});

test('places in the site are relative', () => {
  assert.equal(placeOfPage('docs/README.md'), 'docs/index.html');
  assert.equal(pathBetween('docs/using.html', 'index.html'), '../index.html');
  assert.equal(pathBetween('index.html', 'docs/using.html'), 'docs/using.html');
  assert.equal(pathBetween('docs/using.html', 'docs/using.html'), 'using.html');
});

test('pages lead to one another, to code and to folders of code', async () => {
  const root = project({
    'README.md': '# Read me\n\n[docs](docs/README.md), [how](docs/use.md#how), [code](src/a.ts), [all](src)\n',
    'docs/README.md': table('use.md'),
    'docs/use.md': '# Use\n\n## How\n\n[back](../README.md)\n',
    'src/a.ts': '/** Adds numbers: two. Not more. */\nexport const a = 1;\n',
  });
  const files = await documentation(root, []);
  const places = ['docs/index.html', 'docs/use.html', 'index.html', 'src/a.ts.html', 'src/index.html'];
  assert.deepEqual([...files.keys()].sort(), places);
  assert.match(String(files.get('src/index.html')), /<code>a\.ts<\/code><\/th><td>Adds numbers\.<\/td>/);
  for (const asset of ['icon.svg', 'site.css', 'site.js']) files.set(asset, '');
  assert.deepEqual(deadLinks(files), []);
  files.set('index.html', String(files.get('index.html')).replace('use.html#how', 'use.html#why'));
  files.delete('src/a.ts.html');
  assert.deepEqual(deadLinks(files), [
    'index.html: docs/use.html#why leads to no place of that page',
    'index.html: src/a.ts.html leads to no file of the site',
  ]);
});

test('every link that leads nowhere is told, and every page that the contents do not name', async () => {
  const root = project({
    'README.md': '# Read me\n\n[a](docs/gone.md) ![b](gone.png) [c](../outside.md)\n',
    'docs/README.md': table('use.md'),
    'docs/use.md': '# Use\n',
    'docs/lost.md': '# Lost\n',
  });
  await assert.rejects(documentation(root, []), ({ message }: Error) => {
    assert.deepEqual(message.split('\n'), [
      'README.md: docs/gone.md leads nowhere',
      'README.md: gone.png leads nowhere',
      'README.md: ../outside.md leads nowhere',
      'docs/lost.md: docs/README.md does not name it',
    ]);
    return true;
  });
});
