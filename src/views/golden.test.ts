/** The stored numbers of the release: spatial transformations, smoothing, appearance, resizing and the valid mask. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '../core/tensor.js';
import { viewHandlers } from '../testing/golden/views.js';
import { loadSafetensors } from '../weights/files.js';
import { toFloat32 } from '../weights/safetensors.js';

interface Entry {
  readonly name: string;
  readonly file: string;
  readonly op: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly tolerance: Readonly<Record<string, number>>;
}

const folder = fileURLToPath(new URL('../../golden-data/views/', import.meta.url));
const { cases } = JSON.parse(readFileSync(`${folder}index.json`, 'utf8')) as { cases: Entry[] };

for (const entry of cases) {
  test(`golden ${entry.name}`, async () => {
    const stored = new Map<string, Tensor>();
    for (const [name, value] of loadSafetensors(folder + entry.file).tensors) stored.set(name, toFloat32(value));
    const { tensors = {} } = await viewHandlers[entry.op]!({ ...entry, tensors: stored, folder });
    const outputs = [...stored.keys()].filter((name) => name.startsWith('out.'));
    assert.ok(outputs.length > 0);
    assert.deepEqual(Object.keys(tensors).sort(), outputs.sort());
    for (const name of outputs) {
      const expected = stored.get(name)!;
      assert.deepEqual(tensors[name]!.shape, expected.shape, name);
      const error = worstError(tensors[name]!.data, expected.data);
      const allowed = allowedError(entry, name, expected.data);
      assert.ok(error <= allowed, `${name}: error ${error}, allowed ${allowed}`);
    }
  });
}

function worstError(found: Float32Array, expected: Float32Array): number {
  return found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
}

function allowedError({ op, tolerance }: Entry, name: string, expected: Float32Array): number {
  if (op === 'resize_u8' && name === 'out.x') return 1 / 255 + 1e-6;
  if (tolerance.abs !== undefined) return tolerance.abs;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return tolerance.max_abs_err_over_max_abs! * largest + tolerance.abs_floor!;
}
