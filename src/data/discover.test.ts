import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { discover } from './discover.js';

const root = mkdtempSync(join(tmpdir(), 'cover-discover-'));
after(() => rmSync(root, { recursive: true }));

/** A folder with these files; content is only needed for lists. */
function folder(name: string, files: Record<string, string> | string[]): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Array.isArray(files)
    ? files.map((file) => [file, ''] as const)
    : Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  }
  return path;
}

test('a nested folder is searched, sorted and divided', () => {
  const path = folder('nested', [
    'b.PNG',
    'a/z.jpg',
    'a/c.tif',
    'd.webp',
    'notes.txt',
    '.hidden.png',
    '.git/x.png',
    'a.jpeg',
  ]);
  symlinkSync('.', join(path, 'loop'));
  const { train, validation } = discover(path);
  const all = [...train, ...validation].map((file) => relative(path, file)).sort();
  assert.deepEqual(all, ['a.jpeg', 'a/c.tif', 'a/z.jpg', 'b.PNG', 'd.webp']);
  assert.equal(validation.length, 1);
  assert.deepEqual(train, [...train].sort());
});

test('the draw depends on the seed, is repeated, and takes from 1 to 64 images', () => {
  const names = Array.from({ length: 2000 }, (_, index) => `${String(index).padStart(4, '0')}.png`);
  const path = folder('many', names);
  const first = discover(path, { seed: 1 });
  assert.deepEqual(discover(path, { seed: 1 }), first);
  assert.notDeepEqual(discover(path, { seed: 2 }).validation, first.validation);
  assert.deepEqual([first.train.length, first.validation.length], [1936, 64]);
  assert.equal(new Set([...first.train, ...first.validation]).size, 2000);
  assert.equal(discover(path, { validationShare: 0.01 }).validation.length, 20);
  assert.equal(discover(path, { validationShare: 0 }).validation.length, 0);
  assert.deepEqual(discover(folder('one', ['only.png'])).validation, []);
  assert.throws(() => discover(path, { validationShare: 1 }), /expected a validation share from 0 to below 1, found 1/);
});

test('splits.json with images/<id>.* gives its own division and never the test images', () => {
  const path = folder('split', {
    'splits.json': JSON.stringify({ train: ['b', 'a'], val: ['c'], test: ['d'] }),
    'images/a.png': '',
    'images/b.jpg': '',
    'images/c.png': '',
    'images/d.png': '',
  });
  const { train, validation } = discover(path);
  assert.deepEqual(
    [train.map((file) => basename(file)), validation.map((file) => basename(file))],
    [['a.png', 'b.jpg'], ['c.png']],
  );
  rmSync(join(path, 'images/c.png'));
  assert.throws(() => discover(path), {
    code: 'data',
    message: /splits\.json: expected an image for every name of validation, found none for "c"/,
  });
  assert.throws(
    () => discover(folder('bare', { 'splits.json': '{"train": ["a"]}' })),
    /bare\/images: expected a folder/,
  );
});

test('manifests in text, JSON and YAML', () => {
  const path = folder('lists', {
    'a.png': '',
    'b.png': '',
    'sub/c.dat': '',
    'list.txt': '\uFEFF# images\r\nb.png\r\n\r\n  a.png\r\nsub/c.dat\r\n',
    'list.json': '["a.png", "b.png"]',
    'list.yaml': 'train: [b.png, a.png]\nvalidation: [sub/c.dat]\n',
    'images.yml': 'images:\n  - a.png\n',
  });
  const names = (file: string) => {
    const { train, validation } = discover(join(path, file));
    return {
      train: train.map((file) => relative(path, file)),
      validation: validation.map((file) => relative(path, file)),
    };
  };
  const text = names('list.txt');
  assert.deepEqual([...text.train, ...text.validation].sort(), ['a.png', 'b.png', 'sub/c.dat']);
  assert.deepEqual([names('list.json').train.length, names('list.json').validation.length], [1, 1]);
  assert.deepEqual(names('list.yaml'), { train: ['a.png', 'b.png'], validation: ['sub/c.dat'] });
  assert.deepEqual(names('images.yml'), { train: ['a.png'], validation: [] });
});

test('what is missing or wrong is said with what to do', () => {
  const fails = (path: string, message: RegExp) => assert.throws(() => discover(path), { code: 'data', message });
  fails(join(root, 'nowhere'), /nowhere: expected a folder of images or a manifest, found no such path\n/);
  fails(folder('empty', []), /empty: expected images, found an empty folder\n.*Accepted extensions: \.png, \.jpg/);
  fails(folder('other', ['a.txt', 'b.dat']), /found none among 2 files\n.*Accepted extensions: .*\.webp/);
  const path = folder('wrong', {
    'a.png': '',
    'none.txt': 'a.png\nmissing.png\n',
    'empty.txt': '# nothing\n',
    'bad.json': '{"train": ',
    'keys.json': '{"cases": []}',
    'both.json': '{"train": ["a.png"], "val": ["a.png"]}',
  });
  fails(join(path, 'none.txt'), /none\.txt: expected a file at every listed path, found none at missing\.png/);
  fails(join(path, 'empty.txt'), /expected at least one image for training, found an empty list/);
  fails(join(path, 'bad.json'), /bad\.json: could not be parsed/);
  fails(join(path, 'keys.json'), /keys\.json: expected the lists train, val, validation, test .*found "cases"/);
  fails(join(path, 'both.json'), /found "a\.png" in train and in validation/);
  fails(join(path, 'a.png'), /found a file \.png\n.*Give the folder of the file instead/);
});

const shared = '../shared/data/cxr_pretrain';
test('the chest X-rays have a division', { skip: existsSync(shared) ? false : 'the shared data is absent' }, () => {
  const { train, validation } = discover(shared);
  assert.ok(train.length > 100 && validation.length > 0);
  assert.ok([...train, ...validation].every((file) => existsSync(file)));
});

test('labels, results, runs and hidden files are no images, and are told', () => {
  const path = folder('mixed', [
    'images/a.png',
    'images/a.overlay.png',
    'images/.b.png',
    'labels/a.png',
    'labels/b.png',
    'labels/a.overlay.png',
    'labels_lesion/a.png',
    'Ground truth/a.png',
    'run/config.yaml',
    'run/metrics.jsonl',
    'run/samples/step-1.png',
    'plain/x.png',
    'plain/x_mask.png',
    'plain/x_mask_1.png',
    'plain/face_mask.png',
    'plain/sub-1_T1w.png',
    'plain/sub-1_dseg.png',
  ]);
  const { train, validation, passedOver } = discover(path);
  assert.deepEqual([...train, ...validation].map((file) => relative(path, file)).sort(), [
    'images/a.png',
    'plain/face_mask.png',
    'plain/sub-1_T1w.png',
    'plain/x.png',
  ]);
  assert.deepEqual(Object.fromEntries(passedOver.map(({ reason, count }) => [reason, count])), {
    'results of cover segment': 1,
    'hidden files': 1,
    'files in folders of labels': 5,
    'files of a run': 1,
    'labels beside their images': 3,
  });
  // A folder of labels that is named itself is searched: there is no other meaning.
  assert.equal(discover(join(path, 'labels')).train.length, 1);
  assert.throws(
    () => discover(folder('only', ['labels/a.png'])),
    /found none; passed over: 1 files in folders of labels/,
  );
});

test('labels of nnU-Net, and test images that have labels, are not trained on', () => {
  const raw = ['imagesTr/a_0000.png', 'imagesTr/b_0000.png', 'labelsTr/a.png', 'labelsTr/b.png', 'imagesTs/c_0000.png'];
  const names = (path: string) => {
    const { train, validation } = discover(path);
    return [...train, ...validation].map((file) => basename(file)).sort();
  };
  assert.deepEqual(names(folder('raw', raw)), ['a_0000.png', 'b_0000.png', 'c_0000.png']);
  assert.deepEqual(names(folder('raw-test', [...raw, 'labelsTs/c.png'])), ['a_0000.png', 'b_0000.png']);
});

test('links that lead to themselves or nowhere are passed over', () => {
  const path = folder('links', ['a.png', 'b.png']);
  symlinkSync('self.png', join(path, 'self.png'));
  symlinkSync('gone.png', join(path, 'lost.png'));
  const { train, validation, passedOver } = discover(path);
  assert.equal(train.length + validation.length, 2);
  assert.deepEqual(
    passedOver.map(({ reason, count }) => [reason, count]),
    [['links that lead nowhere', 2]],
  );
  symlinkSync('loop', join(root, 'loop'));
  assert.throws(() => discover(join(root, 'loop')), { code: 'data', message: /found a link that leads to itself/ });
});

test('a list that is no text is refused with what was found', () => {
  const path = folder('binary', { 'a.png': '', 'nul.txt': 'a.png\0b.png', 'utf16.txt': 'a\0.\0p\0n\0g\0' });
  for (const name of ['nul.txt', 'utf16.txt']) {
    assert.throws(() => discover(join(path, name)), {
      code: 'data',
      message: /expected text in UTF-8, found a NUL byte/,
    });
  }
  mkdirSync(join(path, 'folder.txt'));
  writeFileSync(join(path, 'list.txt'), 'folder.txt\n');
  assert.throws(() => discover(join(path, 'list.txt')), /found a folder at folder\.txt/);
});
