/**
 * The documentation, run: its TypeScript blocks are compiled as a reader's project and, with the commands that take
 * seconds, run on data that the project draws. What a page shows as written must be written.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { commandsOf } from './commands.js';
import { allBlocks } from './pages.js';
import { type ReaderProject, readerProject } from './reader.js';
import { command, desk, makeWorld, node } from './world.js';

const world = mkdtempSync(join(tmpdir(), 'cover-docs-'));
const blocks = allBlocks().filter(({ language }) => language === 'ts');
const desks = new Map<string, string>();
let project: ReaderProject;

/** The folder of a page. */
function placeOf(page: string): string {
  const folder = desks.get(page) ?? desk(world, page);
  desks.set(page, folder);
  return folder;
}

before(async () => {
  const made = makeWorld(world);
  project = readerProject(join(world, 'reader'), blocks);
  await made;
});
after(() => rmSync(world, { recursive: true, force: true }));

/**
 * Commands of seconds; trainings and the analysis, which takes a minute, are parsed and their settings read by
 * `pages.test.ts`.
 */
const quick = ['config', 'doctor', 'embed', 'match', 'register', 'export', 'import', 'segment', 'classify', 'evaluate'];

const commands = allBlocks()
  .flatMap(commandsOf)
  .filter(({ words, synopsis }) => words[0] === 'cover' && quick.includes(words[1]!) && !synopsis);

/** Numbers and blanks are of the run that the page shows. */
const shape = (line: string) => line.replace(/\d+/g, '#').replace(/\s+/g, ' ').trim();

describe('the documentation, run', { concurrency: 2 }, () => {
  test('there are blocks of TypeScript', () => assert.ok(blocks.length >= 10, `found ${blocks.length}`));

  for (const block of blocks) {
    const name = `${block.page}, line ${block.line}`;
    test(`${name}: the block compiles`, () => assert.equal(project.errorsOf(block), ''));
    if (block.notRun === null) {
      test(`${name}: the block runs`, async () => {
        const { status, output } = await node(placeOf(block.page), project.programOf(block));
        assert.equal(status, 0, output);
      });
    }
  }

  test('nothing else is wrong with the project of a reader', () => assert.equal(project.errors, ''));

  test('the block of Python on your-data.md reads what its commands wrote', async (context) => {
    const page = 'docs/your-data.md';
    const block = allBlocks().find((one) => one.page === page && one.language === 'python')!;
    const python = process.env.COVER_PYTHON ?? 'python3';
    if (spawnSync(python, ['-c', 'import nibabel, numpy, PIL, safetensors, torch']).status !== 0) {
      context.skip(`${python} has no nibabel, numpy, pillow, safetensors and torch`);
      return;
    }
    const written = commands.filter((one) => one.page === page && /embed|segment|export/.test(one.words[1]!));
    for (const { words } of written) await node(placeOf(page), command, ...words.slice(1));
    const { status, stderr } = spawnSync(python, ['-c', block.text], { cwd: placeOf(page), encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  for (const { page, line, words, printed } of commands) {
    test(`${page}, line ${line}: ${words.join(' ')}`, async () => {
      const { status, output } = await node(placeOf(page), command, ...words.slice(1));
      // None of the named datasets is there.
      const refused = words.includes('--preset') || printed.some((text) => text.startsWith('error: '));
      assert.equal(status, refused ? 1 : 0, output);
      const shown = output.split('\n').map(shape);
      const missing = printed.filter((text) => /^(error: |Wrote )/.test(text) && !shown.includes(shape(text)));
      assert.deepEqual(missing, [], output);
    });
  }
});
