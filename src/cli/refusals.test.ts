/**
 * Every command with every kind of thing that it cannot use, in each place where a path is given: it ends with an exit
 * code of 1 and a line that says what was expected, without a stack, and no file is written over.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCommands } from './fixtures/commands.js';
import {
  assertNone,
  at,
  type Called,
  callsOf,
  classifier,
  data,
  faultsOf,
  folder,
  fresh,
  image,
  type Kind,
  model,
  places,
  segmenter,
} from './fixtures/world.js';
import { commandNames } from './program.js';

/** Names of files as they lie in the folder of bad things; by the kinds of places where they are bad. */
const bad: Record<Kind, string[]> = { data: [], image: [], model: [], text: [], out: [], outfile: [] };
const every: readonly Kind[] = ['data', 'image', 'model', 'text', 'out', 'outfile'];

function lay(name: string, kinds: readonly Kind[], write: (path: string) => void): void {
  write(at('bad', name));
  for (const kind of kinds) bad[kind].push(at('bad', name));
}

test('bad things are laid out', () => {
  mkdirSync(at('bad'));
  const inputs: readonly Kind[] = ['data', 'image', 'model', 'text'];
  const png = readFileSync(image);
  const weights = readFileSync(model);
  for (const kind of inputs) bad[kind].push(at('bad', 'not there'), at('bad', '\u001b[31mred\nerror: forged'));
  for (const kind of every) bad[kind].push(join(image, 'below a file'), at('bad', 'x'.repeat(300)));
  for (const kind of inputs) bad[kind].push(at('bad', 'nul\0byte'));
  const extensions: readonly (readonly [readonly Kind[], readonly string[]])[] = [
    [['data'], ['', '.json']],
    [['image'], ['.png', '.nii.gz']],
    [['model'], ['', '.safetensors', '.onnx', '.pth']],
    [['text'], ['.yaml']],
    [['out'], ['']],
  ];
  for (const [kinds, names] of extensions) {
    for (const extension of names) {
      const name = (what: string) => `${what}-${kinds[0]}${extension}`;
      lay(name('loop'), kinds, (path) => symlinkSync(path, path));
      lay(name('folder'), kinds[0] === 'out' ? ['outfile'] : kinds, (path) => mkdirSync(path));
      if (kinds.includes('out')) continue;
      lay(name('text'), kinds, (path) => writeFileSync(path, '{[\u0000 no\n'));
      // An empty configuration leaves everything to the defaults.
      if (!kinds.includes('text')) lay(name('empty'), kinds, (path) => writeFileSync(path, ''));
    }
  }
  lay('cut.png', ['image', 'data'], (path) => writeFileSync(path, png.subarray(0, png.length / 2)));
  lay('cut.safetensors', ['model'], (path) => writeFileSync(path, weights.subarray(0, weights.length / 2)));
  lay('aliases.yaml', ['text', 'data'], (path) => {
    const levels = Array.from(
      { length: 12 },
      (_, index) => `a${index}: &a${index} [${index ? `*a${index - 1}, `.repeat(9) : ''}1]`,
    );
    writeFileSync(path, `${levels.join('\n')}\n`);
  });
  lay('unknown-alias.yaml', ['text', 'data'], (path) => writeFileSync(path, 'seed: *a\n'));
  lay('prototype.yaml', ['text', 'data'], (path) => writeFileSync(path, '__proto__: {seed: 1}\n'));
  lay('file', ['out'], (path) => writeFileSync(path, 'precious'));
});

/** Of every file its content, of every link and folder its name. */
function contents(): string[] {
  const list = (where: string): string[] =>
    readdirSync(where, { withFileTypes: true }).flatMap((entry) => {
      const path = join(where, entry.name);
      if (entry.isDirectory()) return [path, ...list(path)];
      return [entry.isFile() ? `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}` : path];
    });
  return [at('bad'), data].flatMap(list).sort();
}

test('each command with each of them', async () => {
  const laid = contents();
  assertNone(await faultsOf(callsOf(every, (kind) => bad[kind])));
  assert.deepEqual(contents(), laid);
});

test('each command with options, settings and numbers that mean nothing', async () => {
  const train = {
    pretrain: ['pretrain', data, '-o', fresh()],
    finetune: ['finetune', data, '--from', 'scratch', '-o', fresh()],
    config: ['config'],
    'config finetune': ['config', 'finetune'],
    import: ['import', model, '-o', fresh()],
  };
  const settings: readonly (readonly [string, RegExp])[] = [
    ['views.crop=[64,64', /^error: .*views\.crop/m],
    ['seed=*a', /^error: .*seed/m],
    ['seed=[&a [1, 2], *a, *b]', /^error: .*seed/m],
    ['seed', /^error: .*seed/m],
    ['=1', /^error: /m],
    ['seed=one', /^error: .*seed/m],
    ['__proto__.seed=1', /^error: .*__proto__/m],
    ['constructor.prototype.x=1', /^error: .*constructor/m],
    ['sead=1', /^error: .*sead/m],
    ['seed=\u001b[31m', /^error: .*seed/m],
  ];
  const calls: Called[] = [];
  const add = (what: string, argv: readonly string[], expected: RegExp) => calls.push({ what, argv, expected });
  for (const [name, argv] of Object.entries(train)) {
    for (const [setting, expected] of settings) add(`${name} --set ${setting}`, [...argv, '--set', setting], expected);
  }
  for (const name of ['pretrain', 'finetune'] as const) {
    add(
      `${name} channels`,
      [...train[name], '--set', 'model.channels=[8,8,8,8,12,8,8,8,8]'],
      /^error: model\.channels: expected nine/m,
    );
    for (const steps of ['abc', '-1', '1.5', '1e99', '']) {
      add(`${name} --extend ${steps}`, [name, '-o', fresh(), '--extend', steps], /^error: .*--extend/m);
    }
  }
  for (const name of commandNames) {
    const { argv } = places.find((one) => one.name.startsWith(`${name} `))!;
    add(`${name} --unknown`, [...argv('x'), '--unknown'], /^error: unknown option '--unknown'/m);
    if (!['config', 'studio', 'demo'].includes(name)) add(`${name} alone`, [name], /^error: /m);
  }
  add('an unknown command', ['prtrain'], /^error: unknown command 'prtrain'/m);
  assertNone(await faultsOf(calls));
});

test('each command with an exported file whose metadata are damaged', async () => {
  const commands = await startCommands({ cwd: folder });
  const exported = { segmentation: segmenter, classification: classifier };
  for (const [task, path] of Object.entries(exported)) {
    const { status, stderr } = await commands.run('export', path, '--onnx', at(`${task}.onnx`));
    assert.equal(status, 0, stderr);
  }
  commands.close();
  const damages: Record<string, (text: string) => string> = {
    braces: (text) => text.replaceAll('{"', '!"'),
    names: (text) =>
      text.replaceAll('"config"', '"cunfig"').replaceAll('"dims"', '"dums"').replaceAll('"size"', '"suze"'),
    numbers: (text) => text.replace(/"(window|crop|size)":\[\d\d,\d\d\]/g, (found) => found.replace(/\d\d/g, '-1')),
    task: (text) => text.replaceAll('segmentation', 'segmentatiom').replaceAll('classification', 'classificatiom'),
  };
  const calls: Called[] = [];
  for (const task of Object.keys(exported)) {
    const whole = readFileSync(at(`${task}.onnx`), 'latin1');
    for (const [name, damage] of Object.entries(damages)) {
      const damaged = damage(whole);
      assert.notEqual(damaged, whole, name);
      const path = at(`${task}-${name}.onnx`);
      writeFileSync(path, damaged, 'latin1');
      const use = task === 'segmentation' ? ['segment', path, image, '-o', fresh()] : ['classify', image, '-m', path];
      calls.push({ what: `${task} ${name}`, argv: use, expected: /^error: .*\.onnx: /m });
      calls.push({
        what: `embed ${name}`,
        argv: ['embed', path, image, '-o', fresh()],
        expected: /^error: .*\.onnx: /m,
      });
    }
  }
  assertNone(await faultsOf(calls));
});
