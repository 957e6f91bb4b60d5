/** Models on disk: what each kind of path gives, and what is said of a file that is none. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import { initialParameters, unpackParameters } from '../nn/index.js';
import { checkpointKind } from '../pretrain/kind.js';
import { GROUP, specsOf } from '../pretrain/methods.js';
import type { Best } from '../train/checkpoint.js';
import { RunFolder } from '../train/run-folder.js';
import { saveCheckpoint } from '../train/save-checkpoint.js';
import { backboneOf, createModel, modelBytes, namedParameters } from '../use/model.js';
import { writeSafetensors } from '../weights/index.js';
import { loadConfig } from './config-file.js';
import { FolderStore } from './folder-store.js';
import { loadModel } from './models.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-model-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const config = loadConfig({ settings: ['model.channels=[8, 8, 8, 8, 16, 8, 8, 8, 8]', 'model.heads=[2, 1, 1, 1, 1]'] });
const theta = initialParameters(specsOf(config), 3);
const named = unpackParameters(theta, specsOf(config));

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const says =
  (pattern: RegExp) =>
  (error: unknown): boolean =>
    error instanceof InputError && pattern.test(error.message);

/** Writes a checkpoint whose parameters are so many times the drawn ones. */
async function save(run: string, step: number, best: Best | null = null): Promise<void> {
  const state = new Map([
    [`${GROUP}.theta`, theta.map((value) => value * step)],
    [`${GROUP}.firstMoment`, theta],
  ]);
  await saveCheckpoint(new RunFolder(new FolderStore(run)), { step, config, best, state }, checkpointKind);
}

test('a run folder gives its best checkpoint where there is one, else its newest, or the one that is asked for', async () => {
  const run = join(folder, 'chosen');
  await save(run, 4);
  assert.equal(loadModel(run).step, 4);
  await save(run, 8, { step: 8, endpointError: 2 });
  await save(run, 12, { step: 8, endpointError: 2 });
  const steps = ([null, 'best', 'last', 4] as const).map((choice) => loadModel(run, choice).step);
  assert.deepEqual(steps, [8, 8, 12, 4]);
  assert.throws(() => loadModel(run, 5), says(/expected a checkpoint of step 5, found best, step 4, step 8, step 12/));
});

test('a run folder gives a checkpoint without the moments', async () => {
  const run = join(folder, 'run');
  await save(run, 4);
  await save(run, 12);
  const model = loadModel(run);
  assert.equal(model.step, 12);
  assert.match(model.source, /step-00000012\.safetensors$/);
  assert.deepEqual(
    model.theta,
    theta.map((value) => value * 12),
  );
  assert.deepEqual(model.config, config);
  assert.ok(model.hasProjections);
});

test('what is written is read again, whole and as the backbone alone', () => {
  const model = createModel(config, named, { step: 7 });
  const again = loadModel(written('whole.safetensors', modelBytes(model)));
  assert.deepEqual([again.step, again.config, again.theta], [7, config, theta]);
  const backbone = loadModel(written('backbone.safetensors', modelBytes(backboneOf(model))));
  assert.equal(backbone.hasProjections, false);
  const names = [...namedParameters(backbone).keys()];
  assert.equal(names.length, 72);
  assert.ok(names.every((name) => name.startsWith('backbone.')));
  assert.deepEqual(namedParameters(backbone).get(names[5]!), named.get(names[5]!));
});

test('what is no model is named, with the way to one', () => {
  mkdirSync(join(folder, 'empty'));
  const bare = written('bare.safetensors', writeSafetensors(named));
  const broken = written('broken.safetensors', modelBytes(createModel(config, named)).subarray(0, 900));
  const odd = written('odd.safetensors', writeSafetensors(named, { config: '{"model": {"heads": 3}}' }));
  assert.throws(() => loadModel(join(folder, 'absent')), says(/found nothing of that name/));
  assert.throws(() => loadModel(join(folder, 'empty')), says(/expected a checkpoint, found none/));
  assert.throws(() => loadModel(bare), says(/found weights alone[\s\S]*cover import/));
  assert.throws(() => loadModel(odd), says(/found weights alone/));
  assert.throws(() => loadModel(broken), says(/broken\.safetensors/));
  assert.throws(() => loadModel(written('some.pth', Uint8Array.of(1))), says(/PyTorch checkpoint[\s\S]*cover import/));
});

test('a missing parameter, another shape and a NaN are named', () => {
  const name = 'backbone.inc.double_conv.0.bias';
  const nan = tensor([8]);
  nan.data[3] = Number.NaN;
  assert.throws(() => createModel(config, new Map([...named].slice(1))), says(/0\.weight" is missing/));
  assert.throws(
    () => createModel(config, new Map([...named, [name, tensor([9])]])),
    says(/shape \[9\]; expected \[8\]/),
  );
  assert.throws(() => createModel(config, new Map([...named, [name, nan]])), says(/0\.bias" holds NaN/));
});
