import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../core/errors.js';
import { sizeOf, tensor } from '../core/tensor.js';
import { readNpy, writeNpy } from './npy.js';

test('what is written is read back, with the data at a multiple of 64 bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 5 }), (shape) => {
      const data = Float32Array.from({ length: sizeOf(shape) }, (_, index) => index / 3);
      const bytes = writeNpy(tensor(shape, data));
      assert.equal((bytes.length - data.byteLength) % 64, 0);
      assert.deepEqual(readNpy(bytes, 'file'), tensor(shape, data));
    }),
  );
});

test('the header is the one that NumPy writes', () => {
  const bytes = writeNpy(tensor([2, 3]));
  assert.equal(Buffer.from(bytes.subarray(0, 10)).toString('hex'), '934e554d505901007600');
  const header = new TextDecoder().decode(bytes.subarray(10, 128));
  assert.equal(header, `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117)}\n`);
});

test('another type, order or length is refused with what was found', () => {
  const changed = (from: string, to: string) =>
    Buffer.from(
      Buffer.from(writeNpy(tensor([2, 3])))
        .toString('latin1')
        .replace(from, to),
      'latin1',
    );
  assert.throws(() => readNpy(changed('<f4', '<f8'), 'a.npy'), /a\.npy: .*found "<f8"/);
  assert.throws(() => readNpy(changed("False, 'shape': (2, 3), }", "True, 'shape': (2, 3), } "), 'a.npy'), /row-major/);
  assert.throws(() => readNpy(changed('(2, 3)', '(9, 9)'), 'a.npy'), /\(9, 9\) takes 324 bytes, found 24/);
  assert.throws(() => readNpy(changed('NUMPY', 'NUMPX'), 'a.npy'), /to start with/);
  assert.throws(() => readNpy(new Uint8Array(0), 'a.npy'), InputError);
  assert.throws(() => readNpy(writeNpy(tensor([1])).subarray(0, 40), 'a.npy'), /claims 118 bytes, but 30 follow/);
});

test('a mutated file is read or refused, never worse', () => {
  const bytes = writeNpy(tensor([2, 3]));
  fc.assert(
    fc.property(fc.nat(127), fc.nat(255), (at, value) => {
      const changed = bytes.slice();
      changed[at] = value;
      try {
        assert.equal(readNpy(changed, 'file').data.length, 6);
      } catch (error) {
        assert.ok(error instanceof InputError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
