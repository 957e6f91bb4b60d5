import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import { loadSafetensors } from './files.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { BYTES_OF, byteLengthOf, type StoredDType, type StoredTensor, toFloat32 } from './stored.js';

const dtype = fc.constantFrom(...(Object.keys(BYTES_OF) as StoredDType[]));
const shape = fc.array(fc.nat(4), { maxLength: 4 });
const stored: fc.Arbitrary<StoredTensor> = fc.tuple(dtype, shape).chain(([dtype, shape]) => {
  const length = byteLengthOf(dtype, shape)!;
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => ({ dtype, shape, bytes }));
});
const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text !== '__metadata__');
const file = fc.uniqueArray(fc.tuple(name, stored), { selector: ([name]) => name, maxLength: 6 });

const encode = (header: unknown, data = 0, length?: bigint): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
};

const refuses = (bytes: Uint8Array, pattern: RegExp): void => {
  assert.throws(
    () => readSafetensors(bytes, 'a/b.safetensors'),
    (error) => {
      assert.ok(error instanceof InputError);
      assert.equal(error.code, 'weights');
      assert.match(error.message, /^a\/b\.safetensors: /);
      assert.match(error.message, pattern);
      return true;
    },
  );
};

test('what is written is read back, bit for bit, with data at multiples of 8 bytes', () => {
  fc.assert(
    fc.property(file, fc.dictionary(fc.string(), fc.string()), (entries, metadata) => {
      const bytes = writeSafetensors(entries, metadata);
      const read = readSafetensors(bytes, 'file');
      assert.deepEqual({ ...read.metadata }, { ...metadata });
      assert.equal(read.tensors.size, entries.length);
      for (const [name, { dtype, shape, bytes: data }] of entries) {
        const found = read.tensors.get(name)!;
        assert.equal(found.dtype, dtype);
        assert.deepEqual(found.shape, shape);
        assert.deepEqual([...found.bytes], [...data]);
        assert.equal(found.bytes.byteOffset % BYTES_OF[dtype], 0);
      }
      assert.equal((8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))) % 8, 0);
      assert.deepEqual(writeSafetensors(read.tensors, metadata), writeSafetensors(read.tensors, metadata));
    }),
  );
});

test('float32 tensors keep their values and the order of their names', () => {
  const bytes = writeSafetensors([
    ['z', tensor([2, 1], Float32Array.of(1.5, -0))],
    ['a', tensor([], Float32Array.of(Number.NaN))],
  ]);
  const { tensors } = readSafetensors(bytes, 'file');
  assert.deepEqual([...tensors.keys()], ['z', 'a']);
  assert.deepEqual(toFloat32(tensors.get('z')!), tensor([2, 1], Float32Array.of(1.5, -0)));
  assert.ok(Number.isNaN(toFloat32(tensors.get('a')!).data[0]));
});

test('every dtype converts to float32', () => {
  const of = (dtype: StoredDType, array: ArrayBufferView, length: number): number[] => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    return [...toFloat32({ dtype, shape: [length], bytes }).data];
  };
  assert.deepEqual(of('F64', Float64Array.of(0.1, -2), 2), [Math.fround(0.1), -2]);
  assert.deepEqual(of('I64', BigInt64Array.of(-5n, 1n << 40n), 2), [-5, 2 ** 40]);
  assert.deepEqual(of('I32', Int32Array.of(-7), 1), [-7]);
  assert.deepEqual(of('I16', Int16Array.of(-7), 1), [-7]);
  assert.deepEqual(of('I8', Int8Array.of(-7), 1), [-7]);
  assert.deepEqual(of('U8', Uint8Array.of(200), 1), [200]);
  assert.deepEqual(of('BOOL', Uint8Array.of(0, 1, 2), 3), [0, 1, 1]);
  assert.deepEqual(of('BF16', Uint16Array.of(0x3fc0, 0xff80), 2), [1.5, Number.NEGATIVE_INFINITY]);
  assert.deepEqual(of('F16', Uint16Array.of(0x3e00, 0xfbff, 0x0001, 0x8000, 0x7c00), 5), [
    1.5,
    -65504,
    2 ** -24,
    -0,
    Number.POSITIVE_INFINITY,
  ]);
});

test('lying headers are refused, with the file and the fault', () => {
  const one = (entry: object, data: number) =>
    encode({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...entry } }, data);
  refuses(new Uint8Array(3), /at least 8 bytes, found 3/);
  refuses(encode('{}', 0, 1n << 62n), /claims 4611686018427387904 bytes, but 2 follow/);
  refuses(encode('{}', 0, 3n), /claims 3 bytes/);
  refuses(encode('{"w":'), /not JSON/);
  refuses(encode('[]'), /JSON object/);
  refuses(encode({ __metadata__: { a: 1 } }), /to map names to text/);
  refuses(encode({ w: null }), /"w"/);
  refuses(one({ dtype: 'F8' }, 8), /should be one of F32, .*; found "F8"/);
  refuses(one({ dtype: 'constructor' }, 8), /should be one of/);
  refuses(one({ shape: [-2] }, 8), /shape of whole numbers, found \[-2\]/);
  refuses(one({ shape: [2 ** 40, 2 ** 40] }, 8), /shape of whole numbers/);
  refuses(one({ data_offsets: [0, 12] }, 8), /within the 8 bytes/);
  refuses(one({ data_offsets: [8, 0] }, 8), /within the 8 bytes/);
  refuses(one({ data_offsets: [0] }, 8), /within the 8 bytes/);
  refuses(one({ shape: [1] }, 8), /takes 4 bytes, but its offsets span 8/);
  refuses(one({ data_offsets: [4, 12] }, 12), /leaves a gap.*expected offset 0, found 4/);
  refuses(one({}, 12), /fill 8 bytes, but the file holds 12/);
  const overlap = { dtype: 'F32', shape: [2] };
  refuses(
    encode({ a: { ...overlap, data_offsets: [0, 8] }, b: { ...overlap, data_offsets: [4, 12] } }, 12),
    /"b" overlaps/,
  );
});

test('a mutated or shortened file is read or refused, never worse', () => {
  const bytes = writeSafetensors(
    [
      ['a.weight', tensor([2, 3])],
      ['b', { dtype: 'I64', shape: [2], bytes: new Uint8Array(16) }],
    ],
    { made: 'here' },
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
      const changed = bytes.slice(0, length);
      if (at < length) changed[at] = value;
      try {
        for (const stored of readSafetensors(changed, 'file').tensors.values()) {
          assert.equal(stored.bytes.buffer, changed.buffer);
        }
      } catch (error) {
        assert.ok(error instanceof InputError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('names that are taken are refused', () => {
  const value = tensor([1]);
  assert.throws(() => writeSafetensors([['__metadata__', value]]), /__metadata__/);
  assert.throws(
    () =>
      writeSafetensors([
        ['a', value],
        ['a', value],
      ]),
    /"a"/,
  );
});

test('a path that is missing or is a folder is explained', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weights-'));
  try {
    assert.throws(() => loadSafetensors(join(folder, 'none.safetensors')), /none\.safetensors: no such file/);
    assert.throws(() => loadSafetensors(folder), /expected a file of weights/);
    writeFileSync(join(folder, 'a.safetensors'), writeSafetensors([['a', tensor([1])]]));
    assert.deepEqual(loadSafetensors(join(folder, 'a.safetensors')).tensors.get('a')!.shape, [1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
