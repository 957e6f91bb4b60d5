import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../core/errors.js';
import { bytesOf } from './fixtures.js';
import { readPickle } from './pickle.js';
import type { PickleCall } from './pickle-value.js';

const read = (bytes: Uint8Array, globals: ReadonlyMap<string, PickleCall | null> = new Map()) =>
  readPickle(bytes, 0, { source: 'a.pth', globals }).value;

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('values of protocols 2 and 4', () => {
  // pickle.dumps({'a': [1, 300, -70000, 2**40, 2**70, -3], 'b': (None, True, 0.5)}, 2)
  const two = hex(
    '80027d71002858010000006171015d710228 4b014d2c014a90eefeff8a06000000000001 8a09000000000000000040 4afdffffff65' +
      '58010000006271034e8847 3fe0000000000000 877104752e',
  );
  const expected = new Map<string, unknown>([
    ['a', [1, 300, -70000, 2 ** 40, 2n ** 70n, -3]],
    ['b', [null, true, 0.5]],
  ]);
  assert.deepEqual(read(two), expected);
  // pickle.dumps({'k': b'\x01\x02'}, 4)
  const four = hex('8004950d000000000000007d948c016b944302010294732e');
  assert.deepEqual(read(four), new Map([['k', Buffer.of(1, 2)]]));
});

test('shared and cyclic values keep their identity', () => {
  const list = read(hex('80025d7100 68006800 8661 2e')) as unknown[][];
  assert.equal(list[0]![0], list);
  assert.equal(list[0]![1], list);
});

test('an allowed global is called with its arguments, and only when reduced', () => {
  const calls: unknown[] = [];
  const globals = new Map<string, PickleCall>([['m.f', (args) => calls.push(args)]]);
  read(bytesOf(0x80, 2, 'cm\nf\n.'), globals);
  assert.deepEqual(calls, []);
  assert.equal(read(bytesOf(0x80, 2, 'cm\nf\nK', 7, 0x85, 'R.'), globals), 1);
  assert.deepEqual(calls, [[7]]);
});

test('any other global is refused by its name, before anything else is read', () => {
  const argument = bytesOf('X', 4, 0, 0, 0, 'echo', 0x85, 'R.');
  const text = (value: string) => bytesOf(0x8c, value.length, value);
  const attacks = [
    bytesOf(0x80, 2, 'cos\nsystem\n', argument),
    bytesOf(0x80, 4, text('os'), text('system'), 0x93, argument),
    bytesOf(0x80, 2, '(X', 4, 0, 0, 0, 'echo', 'ios\nsystem\n.'),
  ];
  for (const attack of attacks) {
    assert.throws(
      () => read(attack, new Map([['os.path', null]])),
      (error) => error instanceof InputError && /^a\.pth: names "os\.system".*Nothing was run/.test(error.message),
    );
  }
});

test('a global that may be named but not called, text and tuples are not called', () => {
  const globals = new Map([['m.C', null]]);
  assert.throws(() => read(bytesOf(0x80, 2, 'cm\nC\n)R.'), globals), /no function is called/);
  assert.throws(() => read(bytesOf(0x80, 2, 'X', 1, 0, 0, 0, 'f)R.'), globals), /no function is called/);
  assert.throws(() => read(bytesOf(0x80, 2, 'cm\nC\n)', 0x81, '.'), globals), /operation 0x81 is not supported/);
  assert.throws(() => read(bytesOf(0x80, 2, '(im\nC\n.'), globals), /no class/);
  assert.throws(() => read(bytesOf(0x80, 2, 'cm\nC\n}b.'), globals), /attributes are set/);
});

test('claims, marks, memos and text are checked', () => {
  const refused: [Uint8Array, RegExp][] = [
    [bytesOf(0x80, 9), /protocol should be at most 5, found 9/],
    [bytesOf(0x80, 2), /at byte 2: expected 1 bytes more, found 0/],
    [bytesOf('X', 255, 255, 255, 255, 'a'), /expected 4294967295 bytes more, found 1/],
    [bytesOf(0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80), /expected 9223372036854775808 bytes more/],
    [bytesOf(0x8b, 0, 1, 0, 0), /integer of 256 bytes/],
    [bytesOf('X', 1, 0, 0, 0, 0xff, '.'), /not UTF-8/],
    [bytesOf('h', 0, '.'), /memo 0 is read/],
    [bytesOf('t.'), /a mark is missing/],
    [bytesOf('.'), /a value is missing/],
    [bytesOf('NN.'), /left over/],
    [bytesOf('(N.'), /left over/],
    [bytesOf('N(Na.'), /a value is missing|no list/],
    [bytesOf('](NNe'), /expected 1 bytes more/],
    [bytesOf('}(Nu.'), /without a dict or a value/],
    [bytesOf('NQ.'), /persistent id/],
    [bytesOf('cos'), /line has no end/],
  ];
  for (const [bytes, pattern] of refused) {
    assert.throws(
      () => read(bytes),
      (error) => error instanceof InputError && pattern.test(error.message),
      String(pattern),
    );
  }
});

test('random bytes are read or refused, never worse', () => {
  const opcode = fc.constantFrom(...Buffer.from('NKMJGX]})(tlaesu012qrhjcRbQ.\x85\x86\x87\x8a\x88\x93\x94', 'latin1'));
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: opcode }, fc.nat(255)), { maxLength: 60 }), (values) => {
      try {
        read(Uint8Array.from(values));
      } catch (error) {
        assert.ok(error instanceof InputError, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});
