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
import { type Commands, startCommands } from '../../cli/fixtures/commands.js';
import { commandsOf, type DocumentedCommand } from './commands.js';
import { allBlocks } from './pages.js';
import { type ReaderProject, readerProject } from './reader.js';
import { desk, makeWorld, meaningOf, node, type Outcome } from './world.js';

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

/** Two processes that run command after command; those that wait for work. */
const idle: Commands[] = [];

/** A command line of `cover` in a folder; two at a time are called, so one of the processes is idle. */
async function cover(folder: string, ...argv: readonly string[]): Promise<Outcome> {
  const process = idle.pop()!;
  try {
    const { status, stdout, stderr } = await process.runIn(folder, ...argv);
    return { status: status ?? 1, output: stdout + stderr };
  } finally {
    idle.push(process);
  }
}

before(async () => {
  idle.push(...(await Promise.all([1, 2].map(() => startCommands({ cwd: world })))));
  const made = makeWorld(world, (...argv) => cover(world, ...argv));
  project = readerProject(join(world, 'reader'), blocks);
  await made;
});
after(() => {
  for (const process of idle) process.close();
  rmSync(world, { recursive: true, force: true });
});

/**
 * Commands of seconds; trainings and the analysis, which takes a minute, are parsed and their settings read by
 * `pages.test.ts`.
 */
const quick = ['config', 'doctor', 'embed', 'match', 'register', 'export', 'import', 'segment', 'classify', 'evaluate'];

const commands = allBlocks()
  .flatMap(commandsOf)
  .filter(({ words, synopsis }) => words[0] === 'cover' && quick.includes(words[1]!) && !synopsis);

const outcomes = new Map<string, Promise<Outcome>>();

/** What a command prints; one that several pages show, and mean the same by, is run once. */
function outcomeOf({ page, words }: DocumentedCommand): Promise<Outcome> {
  const meant = words.map((word) => meaningOf(page, word)).join(' ');
  const known = outcomes.get(meant) ?? cover(placeOf(page), ...words.slice(1));
  outcomes.set(meant, known);
  return known;
}

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

  test('the blocks of pages compile', () => {
    const scripts = allBlocks()
      .filter(({ language }) => language === 'html')
      .map((block) => ({ ...block, text: block.text.replace(/^<.*script.*>$/gm, '') }));
    assert.ok(scripts.length >= 2);
    assert.equal(readerProject(join(world, 'page'), scripts, ['DOM', 'DOM.AsyncIterable']).errors, '');
  });

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
    for (const { words } of written) await cover(placeOf(page), ...words.slice(1));
    const { status, stderr } = spawnSync(python, ['-c', block.text], { cwd: placeOf(page), encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  for (const documented of commands) {
    const { page, line, words, printed } = documented;
    test(`${page}, line ${line}: ${words.join(' ')}`, async () => {
      const { status, output } = await outcomeOf(documented);
      // None of the named datasets is there.
      const refused = words.includes('--preset') || printed.some((text) => text.startsWith('error: '));
      assert.equal(status, refused ? 1 : 0, output);
      const shown = output.split('\n').map(shape);
      const missing = printed.filter((text) => /^(error: |Wrote )/.test(text) && !shown.includes(shape(text)));
      assert.deepEqual(missing, [], output);
    });
  }
});
