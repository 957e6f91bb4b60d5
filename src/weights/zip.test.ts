import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../core/errors.js';
import { makeZip } from './fixtures.js';
import { isZip, readZip } from './zip.js';

const entries = { 'a/data.pkl': 'first', 'a/data/0': new Uint8Array(1000), 'a/é': '' };
const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

test('stored, deflated and 64-bit archives give their entries', () => {
  for (const options of [{}, { deflate: true }, { wide: true }, { wide: true, deflate: true }]) {
    const bytes = makeZip(entries, options);
    assert.ok(isZip(bytes));
    const archive = readZip(bytes, 'file');
    assert.deepEqual(archive.names, Object.keys(entries));
    assert.equal(textOf(archive.read('a/data.pkl')), 'first');
    assert.equal(archive.read('a/data/0')!.length, 1000);
    assert.equal(archive.read('a/é')!.length, 0);
    assert.equal(archive.read('b'), undefined);
  }
});

test('a stored entry is a view of the archive', () => {
  const bytes = makeZip(entries);
  assert.equal(readZip(bytes, 'file').read('a/data/0')!.buffer, bytes.buffer);
});

test('an archive that is cut short is refused at any length', () => {
  const bytes = makeZip(entries, { wide: true });
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => readZip(bytes.subarray(0, length), 'a.pth'), InputError);
  }
});

test('an entry may not unpack to more or less than it claims, nor to more than the budget', () => {
  const zeros = { a: new Uint8Array(1 << 20) };
  const read = (claim: number) => readZip(makeZip(zeros, { deflate: true, claim }), 'a.pth').read('a');
  assert.throws(() => read(1000), /a\.pth: .*"a" cannot be unpacked to its 1000 bytes/);
  assert.throws(() => read((1 << 20) + 1), /claims 1048577 bytes, found 1048576/);
  assert.throws(() => read(0xfffffff0), /too many/);
});

test('all entries together stay within the budget', () => {
  const zeros = new Uint8Array(40 << 20);
  const archive = readZip(makeZip({ a: zeros, b: zeros }, { deflate: true }), 'a.pth');
  assert.equal(archive.read('a')!.length, zeros.length);
  assert.equal(archive.read('a'), archive.read('a'));
  assert.throws(() => archive.read('b'), /too many/);
});

test('encrypted entries and sizes that disagree are refused', () => {
  assert.throws(() => readZip(makeZip(entries, { flags: 1 }), 'a.pth').read('a/data/0'), /encrypted/);
  assert.throws(() => readZip(makeZip(entries, { claim: 7 }), 'a.pth').read('a/data/0'), /claims a size of 7/);
});

test('a mutated archive is read or refused, never worse', () => {
  for (const deflate of [false, true]) {
    const bytes = makeZip({ a: 'first', b: 'second' }, { wide: true, deflate });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        try {
          const archive = readZip(changed, 'file');
          for (const name of archive.names) archive.read(name);
        } catch (error) {
          assert.ok(error instanceof InputError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  }
});
