import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { InputError } from '../core/errors.js';
import { loadPth, loadSafetensors } from './files.js';
import { bytesOf, makeZip } from './fixtures.js';
import { isTensor, type PickleValue, readPth, stateDictOf } from './pth.js';
import { toFloat32 } from './stored.js';

const pathOf = (name: string) => fileURLToPath(new URL(`../../golden-data/${name}`, import.meta.url));
const bytesAt = (name: string) => Uint8Array.from(readFileSync(pathOf(name)));

const text = (value: string) => bytesOf('X', value.length, 0, 0, 0, value);
const int = (value: number) => {
  const bytes = Buffer.alloc(5, 'J');
  bytes.writeInt32LE(value, 1);
  return bytes;
};
const tuple = (...items: Uint8Array[]) => bytesOf('(', ...items, 't');
const ints = (values: readonly number[]) => tuple(...values.map(int));

interface TensorFixture {
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
  readonly offset?: number;
  readonly count?: number;
  readonly storage?: string;
  readonly key?: string;
}

/** The operations that build a tensor. */
const tensorOf = (fixture: TensorFixture = {}) => {
  const { shape = [2], strides = [1], offset = 0, count = 4, storage = 'FloatStorage', key = '0' } = fixture;
  const id = tuple(text('storage'), bytesOf(`ctorch\n${storage}\n`), text(key), text('cpu'), int(count));
  const args = [bytesOf(id, 'Q'), int(offset), ints(shape), ints(strides), bytesOf(0x89), bytesOf('N')];
  return bytesOf('ctorch._utils\n_rebuild_tensor_v2\n', tuple(...args), 'R');
};

/** A zip checkpoint of a dict with the entries, and one storage of the float32 values 0 to 3. */
const checkpoint = (entries: Readonly<Record<string, Uint8Array>>, extra: Readonly<Record<string, string>> = {}) => {
  const items = Object.entries(entries).flatMap(([name, value]) => [text(name), value]);
  const pickle = bytesOf(0x80, 2, '}(', ...items, 'u.');
  const storage = new Uint8Array(Float32Array.of(0, 1, 2, 3).buffer);
  return makeZip({ 'x/data.pkl': pickle, 'x/data/0': storage, ...extra });
};

const refuses = (bytes: Uint8Array, pattern: RegExp) =>
  assert.throws(
    () => readPth(bytes, 'a.pth'),
    (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, /^a\.pth: /);
      assert.match(error.message, pattern);
      return true;
    },
  );

const at = (root: PickleValue, ...path: PickleValue[]) =>
  path.reduce<PickleValue | undefined>((value, key) => (value instanceof Map ? value.get(key) : undefined), root);

test('zip and legacy files hold the same checkpoint', () => {
  const twin = loadSafetensors(pathOf('M_checkpoint_small_2d.safetensors')).tensors;
  for (const name of ['M_checkpoint_small_2d.pth', 'M_checkpoint_small_2d_legacy.pth']) {
    const { root } = loadPth(pathOf(name));
    assert.equal(at(root, 'epoch'), 3);
    const state = stateDictOf(root);
    assert.equal(state.size, 93);
    for (const [key, { shape, bytes }] of state) {
      const expected = twin.get(`state.${key}`)!;
      assert.deepEqual(shape, expected.shape);
      assert.equal(Buffer.compare(bytes, expected.bytes), 0);
    }
    const [group] = at(root, 'optimizer', 'param_groups') as PickleValue[];
    assert.deepEqual(at(group!, 'betas'), [0.9, 0.999]);
    const step = at(root, 'optimizer', 'state', 91, 'step');
    assert.ok(isTensor(step));
    assert.deepEqual([...toFloat32(step).data], [2]);
  }
});

test('transposed, sliced, scalar, half, int64, double and empty tensors', () => {
  const state = stateDictOf(loadPth(pathOf('M_edge_tensors.pth')).root);
  const shown = [...state].map(([name, stored]) => [name, stored.dtype, stored.shape, [...toFloat32(stored).data]]);
  const column = (first: number) => [first, first + 6, first + 12, first + 18];
  assert.deepEqual(shown, [
    ['transposed', 'F32', [6, 4], [0, 1, 2, 3, 4, 5].flatMap(column)],
    ['slice_offset', 'F32', [2, 3], [8, 9, 10, 14, 15, 16]],
    ['scalar', 'F32', [], [2.5]],
    ['half', 'F16', [3], [1.5, -2.25, 65504]],
    ['int64', 'I64', [3], [1, -2, 2 ** 40]],
    ['double', 'F64', [1], [Math.fround(Math.PI)]],
    ['empty', 'F32', [0, 3], []],
  ]);
});

test('the weights are found under the usual keys, without wrappers around their names', () => {
  const names = (entries: Readonly<Record<string, Uint8Array>>) => [
    ...stateDictOf(readPth(checkpoint(entries), 'a.pth').root).keys(),
  ];
  const dict = (...items: (string | Uint8Array)[]) =>
    bytesOf('}(', ...items.map((item) => (typeof item === 'string' ? text(item) : item)), 'u');
  assert.deepEqual(names({ b: tensorOf(), a: tensorOf() }), ['b', 'a']);
  assert.deepEqual(names({ epoch: int(3), state_dict: dict('a', tensorOf()) }), ['a']);
  assert.deepEqual(names({ model: dict('module.a', tensorOf(), 'module.b', tensorOf()) }), ['a', 'b']);
  assert.deepEqual(names({ 'module._orig_mod.a': tensorOf() }), ['a']);
  assert.deepEqual(names({ 'module.a': tensorOf(), b: tensorOf() }), ['module.a', 'b']);
  assert.deepEqual(names({ best_loss: tensorOf(), state_dict: dict('a', tensorOf()) }), ['a']);
  assert.deepEqual(names({ state_dict: dict('model.a', tensorOf(), 'model.b', tensorOf()) }), ['a', 'b']);
  assert.deepEqual(names({ state_dict: dict('net.a', tensorOf(), 'loss.b', tensorOf()) }), ['net.a', 'loss.b']);
  assert.deepEqual(names({ a: tensorOf(), a_extra_state: int(1) }), ['a']);
  assert.throws(
    () => names({ epoch: int(3), weights: int(1) }),
    /under one of state_dict, .*found the keys epoch, weights/,
  );
  assert.throws(() => stateDictOf([], 'a.pth'), /^InputError: a\.pth: .*no dict/);
});

test('a parameter is the tensor within it', () => {
  const parameter = bytesOf('ctorch._utils\n_rebuild_parameter\n', tuple(tensorOf(), bytesOf(0x88), bytesOf('N')), 'R');
  const state = stateDictOf(readPth(checkpoint({ a: parameter }), 'a.pth').root);
  assert.deepEqual([...toFloat32(state.get('a')!).data], [0, 1]);
});

test('numbers of NumPy, sizes, devices and dtypes may stand beside the weights', () => {
  const state = tuple(int(3), text('<'), bytesOf('N'), bytesOf('N'), bytesOf('N'), int(-1), int(-1), int(0));
  const dtype = bytesOf('cnumpy\ndtype\n', tuple(text('f8'), bytesOf(0x89), bytesOf(0x88)), 'R', state, 'b');
  const bytes = bytesOf('c_codecs\nencode\n', tuple(text('12345678'), text('latin1')), 'R');
  for (const core of ['core', '_core']) {
    const score = bytesOf(`cnumpy.${core}.multiarray\nscalar\n`, tuple(dtype, bytes), 'R');
    const beside = {
      score,
      size: bytesOf('ctorch\nSize\n', tuple(ints([2, 3])), 'R'),
      device: bytesOf('ctorch\ndevice\n', tuple(text('cuda'), int(0)), 'R'),
      dtype: bytesOf('ctorch\nfloat32\n'),
    };
    const { root } = readPth(checkpoint({ ...beside, a: tensorOf() }), 'a.pth');
    assert.deepEqual([...stateDictOf(root).keys()], ['a']);
    assert.deepEqual([at(root, 'score'), at(root, 'size'), at(root, 'device')], [null, [2, 3], 'cuda']);
  }
});

test('code in a checkpoint is refused by name, wherever it stands', () => {
  const attack = bytesOf('cos\nsystem\n', tuple(text('touch /tmp/never')), 'R');
  const stack = bytesOf(0x8c, 5, 'posix', 0x8c, 6, 'system', 0x93, tuple(text('touch /tmp/never')), 'R');
  refuses(checkpoint({ a: tensorOf(), b: attack }), /names "os\.system".*Nothing was run/);
  refuses(checkpoint({ a: stack }), /names "posix\.system"/);
  refuses(checkpoint({ a: bytesOf('c__builtin__\neval\n') }), /names "__builtin__\.eval"/);
  refuses(checkpoint({ a: bytesOf('ctorch.storage\n_load_from_bytes\n') }), /names "torch\.storage\._load_from_bytes"/);
  refuses(bytesOf(0x80, 2, attack, '.'), /names "os\.system"/);
});

test('tensors that leave their storage are refused', () => {
  const bad = (fixture: TensorFixture, pattern: RegExp) => refuses(checkpoint({ a: tensorOf(fixture) }), pattern);
  bad({ shape: [5] }, /shape \[5\] ends at element 4 of storage "0", which has 4 elements in 16 bytes/);
  bad({ shape: [5], count: 1000 }, /has 1000 elements in 16 bytes/);
  bad({ offset: 3 }, /ends at element 4/);
  bad({ strides: [4] }, /ends at element 4/);
  bad({ offset: -1 }, /not described/);
  bad({ strides: [-1] }, /not described/);
  bad({ shape: [2, 2] }, /2 extents and 1 strides/);
  bad({ shape: [2 ** 30], strides: [0] }, /take more than/);
  bad({ shape: [2 ** 30, 2 ** 30], strides: [0, 0] }, /too large/);
  bad({ shape: Array(65).fill(1), strides: Array(65).fill(1) }, /not described/);
  bad({ key: '1' }, /bytes of storage "1" are missing/);
  bad({ storage: 'ComplexFloatStorage' }, /names "torch\.ComplexFloatStorage"/);
  refuses(checkpoint({ a: tensorOf(), b: tensorOf({ storage: 'LongStorage' }) }), /as F32 and as I64/);
});

test('strided copies of a shared storage stay within the size of the file', () => {
  const strided = { shape: [2, 2], strides: [1, 2] };
  const one = stateDictOf(readPth(checkpoint({ a: tensorOf(strided) }), 'a.pth').root).get('a')!;
  assert.deepEqual([...toFloat32(one).data], [0, 2, 1, 3]);
  refuses(checkpoint({ a: tensorOf({ shape: [512], strides: [0] }) }), /strided tensors take more than/);
});

test('archives that are no checkpoint are explained', () => {
  refuses(makeZip({ 'x/other': '' }), /one data\.pkl in the archive, found 0/);
  refuses(checkpoint({ a: tensorOf() }, { 'x/constants.pkl': '' }), /TorchScript/);
  refuses(checkpoint({ a: tensorOf() }, { 'x/byteorder': 'big' }), /big-endian/);
  assert.ok(readPth(checkpoint({ a: tensorOf() }, { 'x/byteorder': 'little' }), 'a.pth').root instanceof Map);
  refuses(new TextEncoder().encode('version https://git-lfs.github.com/spec/v1'), /neither as a zip archive/);
  refuses(new Uint8Array(0), /neither as a zip archive/);
  refuses(bytesOf(0x80, 2, 'K', 1, '.'), /neither as a zip archive/);
});

test('files that are cut short are refused', () => {
  for (const name of ['M_edge_tensors.pth', 'M_checkpoint_small_2d_legacy.pth']) {
    const bytes = bytesAt(name);
    const step = Math.ceil(bytes.length / 60);
    for (let length = 0; length < bytes.length; length += step) {
      assert.throws(() => readPth(bytes.subarray(0, length), 'a.pth'), InputError);
    }
  }
});

test('a legacy storage that claims more than the file holds is refused', () => {
  const bytes = bytesAt('M_checkpoint_small_2d_legacy.pth');
  const view = new DataView(bytes.buffer);
  const firstStorage = 47625;
  for (const claim of [2n ** 62n, -1n, 2n ** 40n]) {
    view.setBigInt64(firstStorage, claim, true);
    refuses(bytes, /claims -?\d+ bytes, but \d+ follow/);
  }
});

test('a mutated file is read or refused, and its tensors take no more than the file', () => {
  for (const name of ['M_edge_tensors.pth', 'M_checkpoint_small_2d_proj_bare_state_dict.pth']) {
    const original = bytesAt(name);
    const change = fc.tuple(fc.nat(Math.min(original.length, 4000) - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = original.slice();
        for (const [position, value] of changes) bytes[position] = value;
        try {
          const { root } = readPth(bytes, 'a.pth');
          const copies = [...stateDictOf(root).values()].filter((stored) => stored.bytes.buffer !== bytes.buffer);
          assert.ok(copies.reduce((sum, stored) => sum + stored.bytes.length, 0) <= bytes.length);
        } catch (error) {
          assert.ok(error instanceof InputError, String(error));
        }
      }),
      { numRuns: 1500 },
    );
  }
});
