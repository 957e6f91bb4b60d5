import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadSafetensors } from '../../weights/files.js';
import { toFloat32 } from '../../weights/index.js';
import type { GoldenCase } from './case.js';
import { readCheckpointTwin, weightsHandlers } from './weights.js';

const folder = fileURLToPath(new URL('../../../golden-data/', import.meta.url));

const checkpoint = (): GoldenCase => {
  const stored = loadSafetensors(`${folder}M_checkpoint_small_2d.safetensors`).tensors;
  const tensors = new Map([...stored].map(([name, value]) => [name, toFloat32(value)]));
  const order = [...tensors.keys()].filter((name) => /^optim\.exp_avg\./.test(name)).map((name) => name.slice(14));
  const params = {
    checkpoint_zip: 'M_checkpoint_small_2d.pth',
    checkpoint_legacy: 'M_checkpoint_small_2d_legacy.pth',
    bare_state_dict: 'M_checkpoint_small_2d_proj_bare_state_dict.pth',
    epoch: 3,
    optimizer_step: 2,
    parameters_order: order,
  };
  return { name: 'M_checkpoint_small_2d', op: 'checkpoint', params, tensors, tolerance: {}, folder };
};

test('zip, legacy and bare checkpoints hold the bits of their twin', () => {
  const golden = checkpoint();
  assert.equal((golden.params.parameters_order as string[]).length, 92);
  const checks = readCheckpointTwin(golden);
  assert.equal(checks.length, 11);
  assert.deepEqual(
    checks.filter(({ error, allowed }) => error > allowed),
    [],
  );
});

test('one changed bit, a missing and an extra tensor are found', () => {
  const golden = checkpoint();
  const tensors = new Map(golden.tensors);
  const bias = tensors.get('state.proj.0.norm.bias')!;
  const data = Float32Array.from(bias.data);
  new Uint8Array(data.buffer)[0]! ^= 1;
  tensors.set('state.proj.0.norm.bias', { shape: bias.shape, data });
  tensors.delete('state.proj.1.norm.bias');
  tensors.set('state.proj.extra', bias);
  const errors = readCheckpointTwin({ ...golden, tensors }).map(({ what, error }) => [what, error]);
  assert.deepEqual(
    errors.filter(([, error]) => error !== 0),
    [
      ['zip state_dict', 3],
      ['legacy state_dict', 3],
      ['bare state_dict', 3],
    ],
  );
});

test('the edge case is compared with its dtype, shape and values', async () => {
  const expected = {
    half: { dtype: 'float16', shape: [3], values: [1.5, -2.25, 65504] },
    empty: { shape: [0, 3], values: [] },
    int64: { dtype: 'int64', shape: [3], values: [1, -2, 1099511627777] },
    absent: { shape: [], values: [1] },
  };
  const name = 'M_edge_tensors';
  const golden = { name, op: 'checkpoint_edge', params: { expected }, tensors: new Map(), tolerance: {}, folder };
  const { checks } = await weightsHandlers.checkpoint_edge!(golden);
  assert.deepEqual(
    checks!.map(({ what, error }) => [what, error]),
    [
      ['half', 0],
      ['empty', 0],
      ['int64', 1],
      ['absent', 1],
    ],
  );
});
