/**
 * Weights from elsewhere: the authors' checkpoints in every format, other layouts, and files that are not what they
 * say.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { initialParameters, unpackParameters } from '../nn/index.js';
import { specsOf } from '../pretrain/methods.js';
import { modelBytes, namedParameters } from '../use/model.js';
import { loadSafetensors } from '../weights/files.js';
import { toFloat32, writeSafetensors } from '../weights/index.js';
import { loadConfig } from './config-file.js';
import { importModel, loadModel } from './models.js';

const golden = fileURLToPath(new URL('../../golden-data/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cover-import-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const twin = new Map(
  [...loadSafetensors(`${golden}M_checkpoint_small_2d.safetensors`).tensors]
    .filter(([name]) => name.startsWith('state.'))
    .map(([name, stored]) => [name.slice('state.'.length), toFloat32(stored)]),
);

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const weights = (name: string, tensors: Iterable<[string, Tensor]>) => written(name, writeSafetensors(tensors));

for (const format of ['', '_legacy']) {
  test(`a checkpoint of the release${format} keeps every bit, and its network is deduced`, () => {
    const { model, report, deduced } = importModel(`${golden}M_checkpoint_small_2d${format}.pth`);
    assert.ok(model);
    assert.deepEqual(deduced, [
      'data.channels=1',
      'model.channels=[8, 16, 24, 32, 40, 32, 24, 16, 8]',
      'model.heads=[4, 4, 4, 1, 1]',
      'model.window=2',
    ]);
    assert.deepEqual([report.loaded.length, report.missing, report.mismatched, report.unused], [92, [], [], []]);
    assert.equal(model.config.model.warp, 'reference');
    for (const [name, { data }] of namedParameters(model)) assert.deepEqual(data, twin.get(name)!.data, name);
    const again = loadModel(written('imported.safetensors', modelBytes(model)));
    assert.deepEqual([again.theta, again.config], [model.theta, model.config]);
  });
}

test('settings win over the release and over what the shapes tell', () => {
  const path = `${golden}M_checkpoint_small_2d.pth`;
  const { model } = importModel(path, { settings: ['model.warp=aligned', 'views.crop=[64, 64]'] });
  assert.deepEqual([model!.config.model.warp, model!.config.views.crop], ['aligned', [64, 64]]);
  const other = importModel(path, { settings: ['model.channels=[16, 16, 24, 32, 40, 32, 24, 16, 8]'] });
  assert.equal(other.model, null);
  assert.ok(other.report.mismatched.some(({ name }) => name === 'backbone.inc.double_conv.0.weight'));
  const file = written('network.yaml', new TextEncoder().encode('model:\n  heads: [4, 4, 4, 1, 2]\n'));
  assert.equal(importModel(path, { config: file }).model, null);
});

test('a bare U-Net is a backbone without projections', () => {
  const bare = [...twin]
    .filter(([name]) => name.startsWith('backbone.'))
    .map(([name, value]): [string, Tensor] => [name.slice('backbone.'.length), value]);
  const { model } = importModel(weights('unet.safetensors', bare));
  assert.equal(model?.hasProjections, false);
  assert.equal(model.specs.length, 72);
});

test('a file of this project keeps its own settings, and its moments are left behind', () => {
  const first = importModel(`${golden}M_checkpoint_small_2d.pth`, {
    settings: ['model.warp=aligned', 'model.window=3'],
  });
  const bytes = modelBytes(first.model!);
  const { model, deduced, report } = importModel(written('own.safetensors', bytes));
  assert.deepEqual(deduced, []);
  assert.deepEqual(model?.config, first.model!.config);
  assert.deepEqual(report.unused, []);
});

test('a network of volumes is known by its weights', () => {
  const settings = [
    'views.crop=[16, 16, 32]',
    'model.channels=[8, 8, 8, 8, 16, 8, 8, 8, 8]',
    'model.heads=[2, 1, 1, 1, 1]',
  ];
  const config = loadConfig({ settings });
  const specs = specsOf(config);
  const theta = initialParameters(specs, 1);
  const named = new Map(unpackParameters(theta, specs));
  named.set('mov.grid', tensor([5, 5, 5, 3]));
  const path = weights('volumes.safetensors', named);
  const { model, deduced, report } = importModel(path);
  assert.deepEqual(deduced, [
    'views.crop=[96, 96, 96]',
    'data.channels=1',
    'model.channels=[8, 8, 8, 8, 16, 8, 8, 8, 8]',
    'model.heads=[2, 1, 1, 1, 1]',
    'model.window=2',
  ]);
  assert.deepEqual([model?.backbone.dims, report.missing, report.unused], [3, [], []]);
  assert.deepEqual(model?.theta, theta);
  const own = importModel(path, { settings: ['views.crop=[48, 64, 48]'] });
  assert.deepEqual(own.model?.config.views.crop, [48, 64, 48]);
});

test('half a network is reported and gives no model', () => {
  const half = [...twin].filter(([name]) => !name.startsWith('proj.3') && name !== 'mov.grid');
  const { model, report } = importModel(weights('half.safetensors', half));
  assert.equal(model, null);
  assert.ok(report.missing.includes('proj.3.proj.weight'));
});

test('other networks and files are refused by name', () => {
  const line = new Map(twin).set('backbone.inc.double_conv.0.weight', tensor([8, 1, 3]));
  const pickled = readFileSync(`${golden}M_checkpoint_small_2d.pth`);
  const evil = Buffer.concat([Buffer.from([0x80, 2]), Buffer.from('cposix\nsystem\n(X\x02\0\0\0idtR.', 'latin1')]);
  const cases: [string, RegExp][] = [
    [`${golden}M_checkpoint_small_2d_proj_bare_state_dict.pth`, /names of a five-level U-Net/],
    [`${golden}M_edge_tensors.pth`, /names of a five-level U-Net/],
    [weights('line.safetensors', line), /4 or 5 axes; found 3/],
    [join(folder, 'absent.pth'), /no such file/],
    [written('empty.pth', new Uint8Array()), /empty\.pth/],
    [written('cut.pth', pickled.subarray(0, pickled.length / 2)), /cut\.pth/],
    [written('evil.pth', evil), /posix|not a PyTorch checkpoint/],
    [written('text.safetensors', new TextEncoder().encode('not weights at all')), /text\.safetensors/],
  ];
  for (const [path, pattern] of cases) {
    assert.throws(
      () => importModel(path),
      (error) => error instanceof InputError && pattern.test(error.message),
      path,
    );
  }
});
