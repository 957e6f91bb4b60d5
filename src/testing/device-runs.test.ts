/**
 * Whole small runs on another device than the CPU: pretraining, fine-tuning and segmenting, in 2D and in 3D, beside the
 * same runs on the CPU.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Device } from '../engine/index.js';
import { writePhantoms } from '../phantom/index.js';
import { succeeds } from '../pretrain/fixtures.js';
import { readNpy } from '../weights/index.js';
import { allClose } from './all-close.js';
import { askedDevice, startAsked } from './asked-device.js';
import { readMetrics } from './run-files.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-device-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const settings = (...all: string[]) => all.flatMap((setting) => ['--set', setting]);
const small = [
  'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]',
  'batch.size=1',
  'schedule.steps=2',
  'schedule.warmup=1',
  'run.validateEvery=2',
];

const EXTENTS = { 2: [32, 32], 3: [16, 16, 16] } as const;

/** Every record's numbers that do not tell of time. */
function losses(run: string): Record<string, number>[] {
  const timed = ['seconds', 'dataWaitShare'];
  return readMetrics(run).map((record) => {
    const numbers = Object.entries(record).filter(([key, value]) => typeof value === 'number' && !timed.includes(key));
    return Object.fromEntries(numbers) as Record<string, number>;
  });
}

function trains(dims: 2 | 3, on: Device, as: string) {
  const extents = EXTENTS[dims];
  const data = join(folder, `data-${dims}`);
  const [pretrained, finetuned, masks] = ['pretrained', 'finetuned', 'masks'].map((what) => {
    return join(folder, `${what}-${dims}-${as}`);
  }) as [string, string, string];
  const crop = `views.crop=[${extents}]`;
  const ofPretraining = [crop, 'data.validationImages=1', 'model.window=1', `device=${on}`];
  const volumes = dims === 3 ? ['views.margin=1', 'data.fit=keep'] : [];
  const images = join(data, 'images');
  succeeds('pretrain', images, '-o', pretrained, ...settings(...small, ...ofPretraining, ...volumes));
  const ofFinetuning = [...(dims === 3 ? [crop] : [`data.size=[${extents}]`]), 'data.workers=0', `device=${on}`];
  succeeds('finetune', data, '-o', finetuned, '--from', pretrained, ...settings(...small, ...ofFinetuning));
  succeeds('segment', finetuned, images, '-o', masks, '--probabilities', '--no-overlay', '--device', on);
  const ending = dims === 3 ? '.probabilities.nii.gz' : '.npy';
  return { records: [losses(pretrained), losses(finetuned)].flat(), image: join(masks, `chest-0000${ending}`) };
}

function probabilities(file: string): Float32Array {
  const bytes = readFileSync(file);
  if (file.endsWith('.npy')) return readNpy(bytes, file).data;
  // Behind the header of 348 bytes and 4 that say that nothing else follows.
  return new Float32Array(new Uint8Array(gunzipSync(bytes)).buffer.slice(352));
}

async function compare(t: TestContext, dims: 2 | 3): Promise<void> {
  const engine = await startAsked();
  if (typeof engine === 'string') return t.skip(engine);
  await engine.close();
  await writePhantoms(join(folder, `data-${dims}`), 4, { size: [...EXTENTS[dims]], seed: 1, validationShare: 0.5 });
  const expected = trains(dims, 'cpu', 'expected');
  const found = trains(dims, askedDevice!, 'found');
  assert.equal(found.records.length, expected.records.length);
  found.records.forEach((record, index) => {
    for (const [key, value] of Object.entries(expected.records[index]!)) {
      t.diagnostic(`${key}: ${record[key]}, on the CPU ${value}`);
      assert.ok(Math.abs(record[key]! - value) <= 5e-3 * Math.max(1, Math.abs(value)), `${key} of record ${index}`);
    }
  });
  allClose(probabilities(found.image), probabilities(expected.image), { absolute: 5e-3 }, 'probabilities');
}

test('radiographs: a run on the device agrees with the CPU', (t) => compare(t, 2));
test('volumes: a run on the device agrees with the CPU', (t) => compare(t, 3));
