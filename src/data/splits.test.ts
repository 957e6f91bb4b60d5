/**
 * One reading of how a dataset is divided, whoever asks: what is accepted, and that nothing is passed over in silence.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { discover } from './discover.js';
import { readLayout } from './labelled/layouts/read-layout.js';
import { divide } from './labelled/parts.js';
import { presetLayout } from './presets/index.js';

const root = mkdtempSync(join(tmpdir(), 'cover-splits-'));
after(() => rmSync(root, { recursive: true }));

let count = 0;

/** A folder of pairs a to f with a file that divides them. */
function dataset(divisions: Readonly<Record<string, unknown>>, folders = ['images', 'labels']): string {
  const folder = join(root, String(count++));
  for (const part of folders) {
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const name = part === 'imagesTr' ? `${id}_0000.png` : `${id}.png`;
      mkdirSync(join(folder, part), { recursive: true });
      writeFileSync(join(folder, part, name), '');
    }
  }
  for (const [name, content] of Object.entries(divisions)) writeFileSync(join(folder, name), JSON.stringify(content));
  return folder;
}

const shares = { seed: 0, validationShare: 0.2, testShare: 0.2 };
const stems = (files: readonly string[]) => files.map((file) => basename(dirname(file)) && basename(file).slice(0, 1));
const pretraining = (folder: string, fold = 0) => {
  const { train, validation } = discover(folder, { fold });
  return [stems(train), stems(validation)];
};
const finetuning = (folder: string, fold = 0) => {
  const { train, validation } = divide(readLayout(folder, 'segmentation', fold), shares);
  return [train.map(({ id }) => id), validation.map(({ id }) => id)];
};
const readers = { pretraining, finetuning };

for (const [name, read] of Object.entries(readers)) {
  test(`${name}: val and validation mean the same, and what no list names is not used`, () => {
    for (const key of ['val', 'validation']) {
      const folder = dataset({ 'splits.json': { train: ['a', 'b'], [key]: ['c'], test: ['d'] } });
      assert.deepEqual(read(folder), [['a', 'b'], ['c']]);
    }
  });

  test(`${name}: a file of the parts that cannot be read, or has another name, is no folder without one`, () => {
    const broken = dataset({});
    symlinkSync('nowhere.json', join(broken, 'splits.json'));
    assert.throws(() => read(broken), /splits\.json: expected a text file, found no such file/);
    for (const other of ['split.json', 'splits.yaml', 'Splits.csv', 'data_split.txt', 'splits_final.pkl']) {
      assert.throws(() => read(dataset({ [other]: [] })), new RegExp(`to be named splits\\.json .*found "${other}"`));
    }
    assert.equal(
      read(dataset({ 'splitting.md': [], 'cases.json': {} })).flat().length,
      6 - (name === 'finetuning' ? 1 : 0),
    );
  });

  test(`${name}: a list that is not understood, missing or named twice is refused`, () => {
    const refused: readonly (readonly [unknown, RegExp])[] = [
      [{ training: ['a', 'b'], testing: ['c'] }, /expected the lists train, val, validation, test .*found "training"/],
      [{ train: ['a'], testing: ['c'] }, /found "testing"/],
      [{ train: ['a'], val: ['b'], validation: ['c'] }, /expected val or validation, found both/],
      [{ train: ['a'], val: ['b'], test: ['b'] }, /found "b" in validation and in test/],
      [{ train: ['a'], test: ['x', 'y'] }, /for every name of test, found none for "x" and 1 more/],
      [{ train: ['a.png'] }, /found none for "a.png".*\n.*without folder and extension/],
      [{ test: ['a'] }, /expected the list train with at least one name, found only test/],
      [{ train: [], test: ['a'] }, /expected the list train with at least one name, found an empty list/],
      [{ train: 'a' }, /expected a list of names under "train", found "a"/],
      [{ train: [1, 2] }, /expected a list of names under "train", found \[1,2\]/],
      [{}, /found none of them/],
      [['a', 'b'], /expected the lists train/],
    ];
    for (const [content, message] of refused) {
      assert.throws(
        () => read(dataset({ 'splits.json': content })),
        { code: 'data', message },
        JSON.stringify(content),
      );
    }
  });

  test(`${name}: the folds of nnU-Net are read, one of them`, () => {
    const folds = [
      { train: ['a', 'b'], val: ['c'] },
      { train: ['c', 'd'], val: ['a', 'b'] },
    ];
    for (const folders of [
      ['images', 'labels'],
      ['imagesTr', 'labelsTr'],
    ]) {
      const folder = dataset({ 'splits_final.json': folds }, folders);
      assert.deepEqual(read(folder), [['a', 'b'], ['c']]);
      assert.deepEqual(read(folder, 1), [
        ['c', 'd'],
        ['a', 'b'],
      ]);
      assert.throws(() => read(folder, 2), {
        code: 'config',
        message: /data\.fold: expected a fold from 0 to 1 of .*found 2/,
      });
    }
    assert.throws(
      () => read(dataset({ 'splits_final.json': { train: ['a'] } })),
      /expected a list of folds, found the keys train/,
    );
    assert.throws(() => read(dataset({ 'splits_final.json': [] })), /expected a list of folds, found an empty list/);
    assert.throws(
      () => read(dataset({ 'splits_final.json': [{ train: ['a'], holdout: ['b'] }] })),
      /fold 0: expected .*found "holdout"/,
    );
    const both = dataset({ 'splits_final.json': folds, 'splits.json': folds[0] });
    assert.throws(() => read(both), /expected one division, found splits\.json and splits_final\.json/);
    assert.throws(() => read(dataset({ 'splits.json': folds[0] }), 1), {
      code: 'config',
      message: /data\.fold: expected 0 where/,
    });
  });
}

test('a folder with a test list alone can be read, though not trained on', () => {
  const layout = readLayout(dataset({ 'splits.json': { test: ['a'] } }), 'segmentation');
  assert.equal(layout.cases.length, 6);
  assert.deepEqual(layout.parts, { test: ['a'] });
});

test('named datasets are divided in the same way', () => {
  const folder = dataset({ 'splits.json': { train: ['a'], validation: ['b'], test: ['c'] } });
  assert.deepEqual(presetLayout('scr', folder).parts, { train: ['a'], validation: ['b'], test: ['c'] });
  assert.throws(() => presetLayout('scr', dataset({ 'splits.json': { train: ['a'], tests: ['c'] } })), /found "tests"/);
  assert.throws(() => presetLayout('scr', dataset({ 'splits.json': { train: ['x'] } })), /found none for "x"/);
});

test('two images of one name are not told apart by a division', () => {
  const folder = dataset({ 'splits.json': { train: ['a'] } });
  writeFileSync(join(folder, 'images', 'a.jpg'), '');
  assert.throws(() => discover(folder), /the name "a" is there twice/);
});
