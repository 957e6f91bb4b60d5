/**
 * The commands embed, match, classify, export and import as they are called: files, words, exit codes and the width of
 * the screen.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readImage } from '../image/files.js';
import { writePhantoms } from '../phantom/index.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import { loadSafetensors } from '../weights/files.js';
import { readNpy, toFloat32 } from '../weights/index.js';
import { waited } from './fixtures/waited.js';
import { fineTuned } from './fixtures/world.js';

const golden = fileURLToPath(new URL('../../golden-data/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cover-use-'));
const at = (...parts: string[]) => join(folder, ...parts);
const image = (index: number) => at('images', `chest-000${index}.png`);
before(async () => {
  await writePhantoms(folder, 2, { size: [60, 44], seed: 2 });
  writeFileSync(at('model.safetensors'), modelBytes(smallModel()));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `cover` in the folder of the test. */
function cover(...argv: string[]): { status: number | null; out: string; error: string } {
  const { status, stdout, stderr } = waited(argv, folder);
  return { status, out: stdout, error: stderr };
}

function succeeds(...argv: string[]): string {
  const { status, out, error } = cover(...argv);
  assert.equal(status, 0, error);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
  return out;
}

function fails(pattern: RegExp, ...argv: string[]): void {
  const { status, error } = cover(...argv);
  assert.equal(status, 1, error);
  assert.match(error, pattern);
  assert.doesNotMatch(error, /\n\s+at /, 'no stack is shown');
}

test('embed writes arrays on the grid of each image, and pictures', async () => {
  const out = succeeds(
    'embed',
    'model.safetensors',
    'images/chest-0000.png',
    'images/chest-0001.png',
    '-o',
    'features',
  );
  assert.match(out, /2\/2 .*\[8, 60, 44\] {2}chest-0001\.png\nWrote 2 files \(\.npy\).* in features\n$/);
  const { shape, data } = readNpy(readFileSync(at('features', 'chest-0000.npy')), 'features');
  assert.deepEqual(shape, [8, 60, 44]);
  assert.ok(data.every(Number.isFinite) && data.some((value) => value !== data[0]));
  assert.deepEqual((await readImage(at('features', 'chest-0001.pca.png'))).shape, [60, 44]);
});

test('classify prints the class with its probability, and the others where the line has room', () => {
  const lines = (...classes: string[]) => {
    writeFileSync(at('classifier.safetensors'), fineTuned('classification', classes));
    return succeeds('classify', image(0), '-m', 'classifier.safetensors').split('\n');
  };
  assert.match(lines('healthy', 'ill')[1]!, /^chest-0000 {2}(healthy|ill) 0\.\d{3} {2}\((ill|healthy) 0\.\d{3}\)$/);
  const name = (start: string) => `${start} (as the text of the report has it, by hand)`;
  assert.match(lines(...['a', 'b'].map(name))[1]!, /^chest-0000 {2}[ab] \(as .* by hand\) 0\.\d{3}$/);
  assert.match(lines(...['a', 'b'].map((start) => name(name(start))))[1]!, /^chest-0000 {2}….* by hand\) 0\.\d{3}$/);
});

test('embed: another format, level, grid and no picture', () => {
  const flags = ['--format', 'safetensors', '-l', '2', '--grid', 'network', '--no-picture'];
  succeeds('embed', 'model.safetensors', image(0), '-o', 'deep', ...flags);
  const { tensors } = loadSafetensors(at('deep', 'chest-0000.safetensors'));
  assert.deepEqual(toFloat32(tensors.get('features')!).shape, [16, 12, 9]); // Seen as 48 × 35.
  assert.ok(!existsSync(at('deep', 'chest-0000.pca.png')));
});

test('match prints each point and writes its panel; the field is an array and a picture', async () => {
  const points = ['--point', '20,15', '--point', '30.5,40'];
  const out = succeeds('match', 'model.safetensors', image(0), image(0), ...points, '--field', '-o', 'match');
  assert.match(out, /A 20,15 {2}-> {2}B 2[01](\.\d)?,1[456](\.\d)? {3}similarity 0\.99|similarity 1\.000/);
  const { matches } = JSON.parse(readFileSync(at('match', 'match.json'), 'utf8'));
  assert.deepEqual(matches[1].from, { x: 30.5, y: 40 });
  const field = readNpy(readFileSync(at('match', 'field.npy')), 'field');
  assert.deepEqual(field.shape, [2, 48, 35]);
  // Three cells each: of 480 by 352 for an image of 60 by 44, of 384 by 280 for the network's grid, 8 times enlarged.
  const extents = await Promise.all(
    ['match.png', 'field.png'].map(async (name) => (await readImage(at('match', name))).shape),
  );
  assert.deepEqual(
    extents.map(([, width]) => width),
    [3 * (352 + 8) + 8, 3 * (280 + 8) + 8],
  );
});

test('register prints its measures and writes a report', async () => {
  const labels = ['--labels', at('labels', 'chest-0000.png'), '--fixed-labels', at('labels', 'chest-0001.png')];
  const out = succeeds('register', image(0), image(1), '-m', 'model.safetensors', '-o', 'registered', ...labels);
  assert.match(
    out,
    /displacement on 60 x 44 pixels: mean \d+\.\d\d px[\s\S]*mean of the classes +Dice +0\.\d{3} +0\.\d{3}/,
  );
  const report = JSON.parse(readFileSync(at('registered', 'registration.json'), 'utf8'));
  assert.equal(report.kind, 'registration');
  assert.deepEqual((await readImage(at('registered', 'warped.png'))).shape, [60, 44]);
});

test('export and import: what is written is a model again', () => {
  const out = succeeds(
    'export',
    'model.safetensors',
    '--onnx',
    'b.onnx',
    '--safetensors',
    'b.safetensors',
    '--backbone-only',
  );
  assert.match(out, /input {3}image {2}\[1, channels, height, width\] {2}float32, stored values 0 to 255/);
  assert.match(out, /Tried on \[3, 61, 62\]: largest difference \d\.\de-\d/);
  succeeds('embed', 'b.safetensors', image(0), '-o', 'of-backbone');
  succeeds('embed', 'model.safetensors', image(0), '-o', 'of-whole');
  const features = (name: string) => readFileSync(at(name, 'chest-0000.npy'));
  assert.deepEqual(features('of-backbone'), features('of-whole'));
  const report = succeeds('import', join(golden, 'M_checkpoint_small_2d.pth'), '-o', 'imported.safetensors');
  assert.match(report, /loaded 92 of 92 parameters\nset: heads \[4, 4, 4, 1, 1\], window 2, warp reference\n/);
  const exported = succeeds(
    'export',
    'imported.safetensors',
    '--onnx',
    'i.onnx',
    '--size',
    '32,32',
    '--bit-depth',
    '16',
  );
  assert.match(exported, /stored values 0 to 65535/);
  assert.doesNotMatch(out + exported, /note:/);
  writeFileSync(at('kept.safetensors'), modelBytes(smallModel('data.fit=keep')));
  const kept = succeeds('export', 'kept.safetensors', '--onnx', 'kept.onnx', '--size', '32,48');
  assert.match(kept, /note: .*\(data.fit=keep\)\n {2}The file brings all to 32x48,/);
});

test('what is wrong is said in a few words, and nothing is written', () => {
  const model = 'model.safetensors';
  fails(/found nothing of that name/, 'embed', 'absent', image(0), '-o', 'x');
  fails(/no such file/, 'embed', model, 'absent.png', '-o', 'x');
  fails(/would both be written/, 'embed', model, image(0), join('labels', 'chest-0000.png'), '-o', 'x');
  fails(/choices|Allowed choices/, 'embed', model, image(0), '-o', 'x', '--level', '5');
  fails(/Expected height,width/, 'embed', model, image(0), '-o', 'x', '--size', '16');
  fails(/found both/, 'embed', model, image(0), '-o', 'x', '--size', '16,16', '--scale', '1');
  fails(/44 wide and 60 high/, 'match', model, image(0), image(1), '--point', '50,10', '-o', 'x');
  fails(/Expected column,row/, 'match', model, image(0), image(1), '--point', '50', '-o', 'x');
  fails(/found neither/, 'match', model, image(0), image(1), '-o', 'x');
  fails(/divisible by 16/, 'export', model, '--onnx', 'x/y.onnx', '--size', '50,50');
  fails(/found neither/, 'export', model);
  fails(/cover import/, 'embed', join(golden, 'M_checkpoint_small_2d.pth'), image(0), '-o', 'x');
  fails(/five-level U-Net/, 'import', join(golden, 'M_edge_tensors.pth'), '-o', 'x/y.safetensors');
  const wrong = ['--set', 'model.heads=[1,4,4,1,1]'];
  fails(/nothing was written/, 'import', join(golden, 'M_checkpoint_small_2d.pth'), '-o', 'x/y.safetensors', ...wrong);
  const own = /expected a place for results, found what is read/;
  for (const name of ['match.png', 'labels.png']) copyFileSync(image(0), at(name));
  fails(own, 'match', model, 'match.png', image(1), '-p', '9,9', '-o', '.');
  fails(own, 'register', image(0), image(1), '-m', model, '--labels', 'labels.png', '-o', '.');
  copyFileSync(image(0), at('labels.pca.png'));
  fails(own, 'embed', model, 'labels.png', 'labels.pca.png', '-o', '.');
  fails(/needs the projections/, 'match', 'b.safetensors', image(0), image(1), '--field', '-o', 'x');
  assert.ok(!existsSync(at('x')));
});

test('every help fits 80 columns', () => {
  for (const name of ['embed', 'match', 'register', 'analyze', 'export', 'import'])
    assert.match(succeeds(name, '--help'), /Examples?:\n {2}cover/);
});
