/**
 * What a file does not say is what was done when it was written: an old network sees images as it was trained on them.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { groupsOf } from '../finetune/groups.js';
import { finetuneKind, checkpointKind as finetuning } from '../finetune/kind.js';
import { initialParameters, unpackParameters } from '../nn/index.js';
import { checkpointKind as pretraining, pretrainKind } from '../pretrain/kind.js';
import { storedSettings } from '../train/stored-settings.js';
import { finetunedBytes } from '../use/finetuned-model.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import { readSafetensors, toFloat32, writeSafetensors } from '../weights/index.js';
import { loadFinetuneConfig } from './config-file.js';
import { finetuneHost, readPretrained } from './finetune.js';
import { nodeHost } from './host.js';
import { importModel, loadFinetuned, loadModel } from './models.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-stored-'));
after(() => rmSync(folder, { recursive: true }));

/** The file as it was before the setting existed. */
function older(bytes: Uint8Array): string {
  const { tensors, metadata } = readSafetensors(bytes, 'new');
  const config = JSON.parse(metadata.config!) as { data: Record<string, unknown> };
  assert.equal(config.data.antialias, true);
  delete config.data.antialias;
  const named = new Map([...tensors].map(([name, stored]) => [name, toFloat32(stored)]));
  const path = join(folder, `${Object.keys(metadata).join('-')}.safetensors`);
  writeFileSync(path, writeSafetensors(named, { ...metadata, config: JSON.stringify(config) }));
  return path;
}

test('new runs average images that become smaller; networks from before do not', async () => {
  const model = smallModel();
  assert.equal(model.config.data.antialias, true);
  const path = older(modelBytes(model));
  assert.equal(loadModel(path).config.data.antialias, false);
  assert.equal(importModel(path).model!.config.data.antialias, false);
  assert.equal((await readPretrained(path)).fit, 'resize');
  const fresh = join(folder, 'fresh.safetensors');
  writeFileSync(fresh, modelBytes(model));
  assert.equal(loadModel(fresh).config.data.antialias, true);
});

test('the same of fine-tuned networks', () => {
  const settings = [
    'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]',
    'data.size=[32, 32]',
    'views.crop=[32, 32]',
    'data.classes=[background, organ]',
  ];
  const config = loadFinetuneConfig({ settings });
  const { backbone, head } = groupsOf(config);
  const specs = [...backbone, ...head];
  const path = join(folder, 'fine.safetensors');
  const named = unpackParameters(initialParameters(specs, 1), specs);
  const metadata = { format: 'cover-ts', task: 'segmentation', step: '3', config: JSON.stringify(config) };
  writeFileSync(path, writeSafetensors(named, metadata));
  assert.equal(loadFinetuned(path).config.data.antialias, true);
  assert.equal(loadFinetuned(older(readFileSync(path))).config.data.antialias, false);
  assert.equal(loadFinetuned(older(finetunedBytes(loadFinetuned(path)))).config.data.antialias, false);
});

test('the head of a fine-tuned network from before sees features as they are', () => {
  const [before, now] = ['data:\n  source: a\n', 'backbone:\n  standardise: true\n'];
  const { parse, configOf } = finetuneKind(finetuneHost);
  const given = [before, now].map((text) => parse(text, 'run').backbone.standardise);
  assert.deepEqual(given, [false, true]);
  assert.equal(configOf({ task: 'segmentation', config: '{"backbone": {"rate": 1}}' })!.backbone.standardise, false);
  assert.equal(loadFinetuneConfig().backbone.standardise, true);
  assert.equal(loadFinetuneConfig({ preset: 'paper' }).backbone.standardise, false);
});

test('what is no configuration stays as it is', () => {
  for (const content of [null, 3, 'x', [1], {}, { data: 1 }, { data: { antialias: true } }]) {
    assert.deepEqual(storedSettings(content), content);
  }
  assert.deepEqual(storedSettings({ data: { source: 'a' }, seed: 1 }), {
    data: { antialias: false, source: 'a' },
    seed: 1,
  });
});

test('so do runs that go on: their checkpoints and their config.yaml', () => {
  const { config } = smallModel();
  const { antialias: _, ...data } = config.data;
  const metadata = { method: config.method, config: JSON.stringify({ ...config, data }) };
  assert.equal(pretraining.configOf(metadata)!.data.antialias, false);
  assert.equal(pretraining.configOf({ ...metadata, config: JSON.stringify(config) })!.data.antialias, true);
  assert.equal(finetuning.configOf({ task: 'segmentation', config: '{"data": {}}' })!.data.antialias, false);
  const [before, now] = ['data:\n  source: a\n', 'data:\n  antialias: true\n'];
  for (const { parse } of [pretrainKind(nodeHost), finetuneKind(finetuneHost)]) {
    assert.deepEqual(
      [parse(before, 'run'), parse(now, 'run')].map((settings) => settings.data.antialias),
      [false, true],
    );
  }
});

test('a step that is no whole number is refused, and a file without one has step 0', () => {
  const path = join(folder, 'step.safetensors');
  const { tensors, metadata } = readSafetensors(modelBytes(smallModel()), 'new');
  const named = new Map([...tensors].map(([name, stored]) => [name, toFloat32(stored)]));
  const load = ({ step, ...others }: Record<string, string>) => {
    writeFileSync(path, writeSafetensors(named, step === undefined ? others : { ...others, step }));
    return loadModel(path).step;
  };
  const { step: _, ...without } = metadata;
  assert.equal(load(without), 0);
  assert.equal(load({ ...without, step: '70' }), 70);
  for (const step of ['1e9', 'xx', '5.5', '-1', '']) {
    assert.throws(() => load({ ...without, step }), /step\.safetensors: expected a step, a whole number from 0, found/);
  }
});
