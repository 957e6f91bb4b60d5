/** What a file does not say is what was done when it was written: an old network sees images as it was trained on them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadFinetuneConfig } from '../finetune/index.js';
import { readPretrained } from '../finetune/pretrained.js';
import { initialParameters, unpackParameters } from '../nn/index.js';
import { importModel } from '../pretrain/import.js';
import { loadModel, modelBytes } from '../pretrain/model.js';
import { finetunedBytes, groupsOf, loadFinetuned } from '../use/finetuned-model.js';
import { smallModel } from '../use/fixtures.js';
import { readSafetensors, toFloat32, writeSafetensors } from '../weights/index.js';
import { storedSettings } from './stored-settings.js';

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

test('new runs average images that become smaller; networks from before do not', () => {
  const model = smallModel();
  assert.equal(model.config.data.antialias, true);
  const path = older(modelBytes(model));
  assert.equal(loadModel(path).config.data.antialias, false);
  assert.equal(importModel(path).model!.config.data.antialias, false);
  assert.equal(readPretrained(path).fit, 'resize');
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

test('what is no configuration stays as it is', () => {
  for (const content of [null, 3, 'x', [1], {}, { data: 1 }, { data: { antialias: true } }]) {
    assert.deepEqual(storedSettings(content), content);
  }
  assert.deepEqual(storedSettings({ data: { source: 'a' }, seed: 1 }), {
    data: { antialias: false, source: 'a' },
    seed: 1,
  });
});
