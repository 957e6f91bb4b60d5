/**
 * What can be known of the documentation without running it: its links, its commands and their options, its settings.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { Command, CommanderError } from 'commander';
import { parseAllDocuments } from 'yaml';
import { loadConfig, loadFinetuneConfig, makePlan } from '../../index.js';
import { commandsOf, type DocumentedCommand } from './commands.js';
import { allBlocks, blocksOf, pages, root } from './pages.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-pages-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The place of a heading in a page, as GitHub names it. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

for (const { path, text } of pages()) {
  test(`${path}: every link within the project leads somewhere`, () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => !/^\w+:/.test(link));
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file ? join(root, dirname(path), file) : join(root, path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
    });
    assert.deepEqual(broken, []);
  });
}

test('every section of the method that the code cites is there', () => {
  const method = readFileSync(join(root, 'docs/method.md'), 'utf8');
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((f) =>
    f.endsWith('.ts'),
  );
  const cited = sources.flatMap((file) =>
    [...readFileSync(join(root, 'src', file), 'utf8').matchAll(/docs\/method\.md §(\d+)/g)].map(
      ([, section]) => section!,
    ),
  );
  assert.ok(cited.length >= 10);
  assert.deepEqual(
    cited.filter((section) => !new RegExp(`^## ${section}\\. `, 'm').test(method)),
    [],
  );
});

const commands = allBlocks().flatMap(commandsOf);
const where = ({ page, line }: DocumentedCommand) => `${page}, line ${line}`;

/** A command of the real program that parses and does nothing. */
async function silent(name: string): Promise<Command> {
  const loaded = (await import(new URL(`../../cli/${name}.js`, import.meta.url).href)) as Record<string, unknown>;
  const program = new Command('cover').exitOverride();
  const add = Object.entries(loaded).find(([key]) => key.startsWith('add'))?.[1] as (program: Command) => void;
  add(program);
  const command = program.commands[0]!;
  return command
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .action(() => {});
}

interface TrainingOptions {
  readonly set?: string[];
  readonly preset?: string;
  readonly config?: string;
}

/** The settings of a documented training, as the program reads them. */
function readSettings(name: string, { set = [], preset, config }: TrainingOptions): void {
  const file = config === undefined ? {} : { file: documentedFile(config) };
  const read = name === 'pretrain' ? loadConfig : loadFinetuneConfig;
  read({ settings: set, preset, ...file });
}

/** A file that a page shows, known by the comment of its first line. */
function documentedFile(name: string): string {
  const block = allBlocks().find(({ language, text }) => language === 'yaml' && text.startsWith(`# ${name}\n`));
  assert.ok(block, `no page shows ${name}`);
  const path = join(folder, name);
  writeFileSync(path, block.text);
  return path;
}

const known = readdirSync(join(root, 'src/cli'));
const ofCover = commands.filter(({ words }) => words[0] === 'cover' && !/^--(help|version)$/.test(words.at(-1)!));

test('there are commands in the documentation', () => assert.ok(ofCover.length >= 50, `found ${ofCover.length}`));

for (const documented of ofCover) {
  const [, name = '', ...rest] = documented.words;
  test(`${where(documented)}: cover ${name} takes ${rest.join(' ')}`, async () => {
    assert.ok(known.includes(`${name}.ts`), `there is no command ${name}`);
    const command = await silent(name);
    if (documented.synopsis) {
      const options = rest.flatMap((word) => /--?[a-z][a-z-]*/.exec(word) ?? []).filter((word) => word.startsWith('-'));
      const unknown = options.filter(
        (flag) => !command.options.some(({ short, long }) => flag === short || flag === long),
      );
      assert.deepEqual(unknown, []);
      return;
    }
    try {
      await command.parseAsync(rest, { from: 'user' });
    } catch (error) {
      if (error instanceof CommanderError) assert.fail(error.message);
      throw error;
    }
    if (name === 'pretrain' || name === 'finetune') readSettings(name, command.opts());
  });
}

test('every script that a page calls is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const missing = commands.flatMap((documented) => {
    const [program, first = '', second = ''] = documented.words;
    if (program === 'npm' && first === 'run') return scripts[second] ? [] : [`${where(documented)}: npm run ${second}`];
    if (program === 'node' && first.startsWith('scripts/')) {
      return existsSync(join(root, first)) ? [] : [`${where(documented)}: ${first}`];
    }
    return [];
  });
  assert.deepEqual(missing, []);
});

for (const block of pages().flatMap(blocksOf)) {
  if (block.language !== 'yaml') continue;
  test(`${block.page}, line ${block.line}: the settings are known`, () => {
    for (const document of parseAllDocuments(block.text)) {
      const content = document.toJS() as Record<string, unknown>;
      if ('tasks' in content) assert.ok(makePlan(content).cells.length > 0);
      else {
        const file = join(folder, 'settings.yaml');
        writeFileSync(file, String(document));
        loadConfig({ file });
      }
    }
  });
}
