/** Commands over many files: one that cannot be used does not end them, results as JSON, and quiet. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { finetuneFixture } from '../finetune/fixtures.js';
import { checkpointAt, cover } from '../pretrain/fixtures.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';

const fixture = finetuneFixture();
const { path, train } = fixture;
const scans = () => path('scans');

/** Three images, of which the second is cut short, and their labels. */
before(() => {
  mkdirSync(path(''), { recursive: true });
  writeFileSync(path('model.safetensors'), modelBytes(smallModel()));
});

test('a run, and a folder with a file that is cut short', () => {
  train('run');
  for (const folder of ['scans', 'labelled/images', 'labelled/labels']) mkdirSync(path(folder), { recursive: true });
  for (const index of [0, 1, 2]) {
    const name = `chest-000${index}.png`;
    cpSync(join(fixture.data, 'images', name), join(scans(), name));
    for (const part of ['images', 'labels']) cpSync(join(fixture.data, part, name), path('labelled', part, name));
  }
  const whole = fixture.bytes('scans', 'chest-0001.png');
  for (const file of [join(scans(), 'chest-0001.png'), path('labelled', 'images', 'chest-0001.png')]) {
    writeFileSync(file, whole.subarray(0, 200));
  }
});

/** The arguments of each command but its folder of results. */
const commands = (): Record<string, string[]> => ({
  segment: ['segment', path('run'), scans(), '--no-overlay'],
  embed: ['embed', path('model.safetensors'), scans(), '--no-picture'],
  evaluate: ['evaluate', path('run'), path('labelled')],
});

for (const name of ['segment', 'embed', 'evaluate']) {
  test(`${name} goes on after a file that cannot be used, lists it and ends with 1`, () => {
    const { status, stdout, stderr } = cover(...commands()[name]!, '-o', path('out', name));
    assert.equal(status, 1);
    assert.match(stderr, /1 of 3 files could not be used:\n.*chest-0001\.png: expected a complete image/);
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.match(stdout, /3\/3 [^\n]*chest-0002/);
    assert.match(stdout, name === 'evaluate' ? /mean of classes +Dice .* 2\n/ : /Wrote 2 /);
    const written = readdirSync(path('out', name));
    if (name !== 'evaluate') assert.equal(written.length, 2, written.join());
  });

  test(`${name} --strict stops at the first`, () => {
    const { status, stderr } = cover(...commands()[name]!, '--strict', '-o', path('strict', name));
    assert.equal(status, 1);
    assert.match(stderr, /^error: .*chest-0001\.png: expected a complete image/m);
    assert.ok(!existsSync(path('strict', name)) || readdirSync(path('strict', name)).length <= 1);
  });

  test(`${name} --json prints one value, --quiet nothing`, () => {
    const { stdout, stderr } = cover(...commands()[name]!, '--json', '-o', path('json', name));
    const { failures, ...result } = JSON.parse(stdout);
    assert.deepEqual(
      failures.map(({ file }: { file: string }) => file.split('/').at(-1)),
      ['chest-0001.png'],
    );
    assert.match(stderr, /1 of 3 files could not be used/);
    if (name === 'evaluate') assert.ok(result.mean.dice.value > 0 && result.data.cases === 3);
    else assert.equal(result.images.length, 2);
    const good = name === 'evaluate' ? [...commands().evaluate!, '--split', 'all'] : commands()[name]!;
    assert.equal(cover(...good, '--quiet', '-o', path('quiet', name)).stdout, '');
  });
}

test('what is read is not written over, by another path either', () => {
  mkdirSync(path('same'));
  cpSync(join(scans(), 'chest-0000.png'), path('same', 'chest-0000.png'));
  symlinkSync(path('same'), path('link'));
  const before = fixture.bytes('same', 'chest-0000.png');
  for (const out of ['same', 'link']) {
    const { status, stderr } = cover('segment', path('run'), path('same'), '-o', path(out));
    assert.equal(status, 1);
    assert.match(stderr, /chest-0000\.png: expected a place for results, found what is read[\s\S]*another folder/);
  }
  assert.deepEqual(readdirSync(path('same')), ['chest-0000.png']);
  assert.deepEqual(fixture.bytes('same', 'chest-0000.png'), before);
});

test('when no file can be used nothing is said to be written', () => {
  const { status, stdout, stderr } = cover('segment', path('run'), join(scans(), 'chest-0001.png'), '-o', path('none'));
  assert.equal(status, 1);
  assert.doesNotMatch(stdout, /Wrote/);
  assert.match(stderr, /1 of 1 files could not be used/);
});

test('--checkpoint names one of a run, and is for runs alone', () => {
  const segment = (...argv: string[]) =>
    cover(
      'segment',
      path('run'),
      join(scans(), 'chest-0000.png'),
      '--no-overlay',
      '--json',
      '-o',
      path('chosen'),
      ...argv,
    );
  const source = (...argv: string[]) =>
    JSON.parse(segment(...argv).stdout)
      .model.split('/')
      .at(-1);
  assert.equal(source(), 'best.safetensors');
  assert.equal(source('--checkpoint', 'last'), checkpointAt(12));
  assert.equal(source('--checkpoint', '6'), checkpointAt(6));
  assert.match(
    segment('--checkpoint', '7').stderr,
    /expected a checkpoint of step 7, found best, step 0, step 3, step 6/,
  );
  assert.match(segment('--checkpoint', 'first').stderr, /expected best, last or a step/);
  const file = ['embed', path('model.safetensors'), join(scans(), 'chest-0000.png'), '-o', path('x')];
  assert.match(
    cover(...file, '--checkpoint', 'last').stderr,
    /expected a run folder beside --checkpoint, found a file/,
  );
});

test('the other commands print their results as JSON, too', () => {
  const images = ['chest-0000.png', 'chest-0002.png'].map((name) => join(scans(), name)) as [string, string];
  const json = (...argv: string[]) => {
    const { status, stdout, stderr } = cover(...argv, '--json');
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  const model = path('model.safetensors');
  const match = json('match', model, ...images, '-p', '10,12', '--field', '-o', path('match'));
  assert.deepEqual(match.matches[0].from, { x: 10, y: 12 });
  assert.ok(match.field.meanLength > 0 && match.written.includes(path('match', 'field.npy')));
  assert.equal(json('register', ...images, '-m', model, '-o', path('registered')).kind, 'registration');
  const analysis = json(
    'analyze',
    fixture.data,
    '-m',
    model,
    '--cases',
    '2',
    '--samples',
    '40',
    '-o',
    path('analysis'),
  );
  assert.equal(analysis.networks.length, 1);
  assert.deepEqual(json('export', model, '--onnx', path('b.onnx'), '--size', '32,32').outputs.features, [1, 8, 32, 32]);
});
