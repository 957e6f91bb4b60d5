/** The bytes of instructions on halves, each beside what a disassembler (GNU objdump) makes of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Assembler, r8, r9, r12, r13, rax, rbp, rbx, rcx, rdi, rdx, rsi } from './assembler.js';
import { Avx2 } from './avx2.js';

/** Vectors 0 to 3 have been set before, and are wanted afterwards, as is mask 2. */
const OPEN = [0, 1, 2, 3, 34];

const cases: Readonly<Record<string, (code: Assembler) => void>> = {
  'a sum of a vector and memory': (code) => code.addVectors(0, 1, { base: r8, index: rcx, offset: 64 }),
  'products of a number that all places share': (code) => {
    code.multiplyAdd(0, 1, { each: { base: r12, offset: 4 } });
    code.multiplySubtract(2, 1, 3);
  },
  'the scale of a mask': (code) => code.multiplyThenAdd(0, 1, 2),
  'a copy, a quotient, a root, the larger, whole numbers': (code) => {
    code.divideVectors(4, 0, 1);
    code.squareRoot(4, 4);
    code.maximum(4, 4, 2);
    code.roundDown(4, 4);
    code.toIntegers(0, 4);
  },
  'a mask of a register, and what is read and written by it': (code) => {
    code.setMask(2, rax);
    code.loadVector(5, { base: rsi }, 2);
    code.storeVector({ base: rdi, offset: 256 }, 5, 2);
  },
  'a comparison within a mask': (code) => code.compareVectors(2, 0, 'below', 1, 2),
  'what a mask keeps, and what it lets change': (code) => {
    code.keep(4, 0, 2);
    code.subtractVectors(0, 4, { base: rdx }, 2);
  },
  'a power of two': (code) => code.scaleByPower(0, 1, 2),
  'numbers from places of their own': (code) => code.gather(0, { base: r13, offset: 8 }, 1),
  'numbers to places of their own': (code) => code.scatter({ base: rdi, offset: 8 }, 1, 0),
  'one number': (code) => {
    code.loadNumber(4, { base: r9 });
    code.addNumbers(4, 4, { base: rbx, offset: 4 });
    code.storeNumber({ base: r9 }, 4);
  },
  'a line of memory that is wanted soon': (code) => code.prefetch({ base: rsi, offset: 64 }),
  'sums that stay in registers': (code) =>
    code.resident([6, 7], () => {
      code.clear(6);
      code.clear(7);
      const loop = code.here();
      code.multiplyAdd(6, 0, { base: rsi });
      code.multiplyAdd(7, 0, { base: rsi, offset: 64 });
      code.subtract(rcx, 1);
      code.jumpIf('notEqual', loop);
      code.storeVector({ base: rdi }, 6);
    }),
  'what was stored is read in other halves': (code) => {
    code.storeVector({ base: rdi }, 0);
    code.loadVector(4, { base: rdi, offset: 4 });
    code.storeVector({ base: rsi }, 4);
  },
  'the frame of a routine': (code) => {
    code.load(rax, { base: rbp, offset: -8 });
    code.leaveVectors();
    code.return();
  },
};

const expected: Readonly<Record<string, string>> = {
  'a sum of a vector and memory':
    'c5fc108500f5ffffc4c17c584c0840c5fc108520f5ffffc4c17c58540860c5fc118dc0f4ffffc5fc1195e0f4ffff',
  'products of a number that all places share':
    'c4c27d18442404c5fc108d00f5ffffc5fc1095c0f4ffffc4e275b8d0c5fc109d20f5ffffc5fc10a5e0f4ffffc4e265b8e0c5fc108540f5ffffc4e275bc8580f5ffffc5fc108d60f5ffffc4e265bc8da0f5ffffc5fc118540f5ffffc5fc118d60f5ffffc5fc1195c0f4ffffc5fc11a5e0f4ffff',
  'the scale of a mask':
    'c5fc108500f5ffffc5fc108dc0f4ffffc4e27da88d40f5ffffc5fc108520f5ffffc5fc1095e0f4ffffc4e27da89560f5ffffc5fc118dc0f4ffffc5fc1195e0f4ffff',
  'a copy, a quotient, a root, the larger, whole numbers':
    'c5fc1085c0f4ffffc5fc5e8d00f5ffffc5fc1085e0f4ffffc5fc5e9520f5ffffc5fc51c9c5fc51d2c5f45f8d40f5ffffc5ec5f9560f5ffffc4e37d08c909c4e37d08d209c5fe5bc1c5fe5bcac5fc1185c0f4ffffc5fc118de0f4ffff',
  'a mask of a register, and what is read and written by it':
    'c5f96ec0c5f96ec8c4e27d58c0c4e27d58c9c5fddb0545000000c5f5db0d5d000000c5fd760535000000c5f5760d4d000000c4e27d2c16c4e2752c5e20c4e27d2e9700010000c4e2752e9f20010000c5fc118540fdffffc5fc118d60fdffff01000000020000000400000008000000100000002000000040000000800000000001000000020000000400000008000000100000002000000040000000800000',
  'a comparison within a mask':
    'c5fc1085c0f4ffffc5fcc28d00f5ffff01c5fc1085e0f4ffffc5fcc29520f5ffff01c5f4548540fdffffc5ec548d60fdffffc5fc118540fdffffc5fc118d60fdffff',
  'what a mask keeps, and what it lets change':
    'c5fc1085c0f4ffffc5fc108d40fdffffc5fc54d1c5fc109de0f4ffffc5fc10a560fdffffc5e454ecc4e2752c32c4e25d2c7a20c56c5cc6c5d45cd7c4c37d4ac010c4e3654ada40c5fc1185c0f4ffffc5fc119de0f4ffff',
  'a power of two':
    'c5fc108540f5ffffc5fc108d60f5ffffc5fc5f057e000000c5f45f0d96000000c5fd5bc0c5fd5bc9c5ed72e001c5e572e101c5fdfac2c5f5facbc5edfe1594000000c5e5fe1dac000000c5ed72f217c5e572f317c5fdfe057a000000c5f5fe0d92000000c5fd72f017c5f572f117c5ec599500f5ffffc5e4599d20f5ffffc5ec59e0c5e459c1c5fc1185e0f4ffffc5fc11a5c0f4ffff00007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc300007cc37f0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f000000',
  'numbers from places of their own':
    'c5fd76c0c5f576c9c5fc109500f5ffffc4c27d925c1508c5fc108520f5ffffc4c27592540508c5fc1195e0f4ffffc5fc119dc0f4ffff',
  'numbers to places of their own':
    'c5fc1085c0f4ffffc5fc1185c0f4ffffc5fc1085e0f4ffffc5fc1185e0f4ffffc5fc108500f5ffffc5fc118500f5ffffc5fc108520f5ffffc5fc118520f5ffff48638500f5ffffc5fa1085c0f4ffffc5fa1144070848638504f5ffffc5fa1085c4f4ffffc5fa1144070848638508f5ffffc5fa1085c8f4ffffc5fa114407084863850cf5ffffc5fa1085ccf4ffffc5fa1144070848638510f5ffffc5fa1085d0f4ffffc5fa1144070848638514f5ffffc5fa1085d4f4ffffc5fa1144070848638518f5ffffc5fa1085d8f4ffffc5fa114407084863851cf5ffffc5fa1085dcf4ffffc5fa1144070848638520f5ffffc5fa1085e0f4ffffc5fa1144070848638524f5ffffc5fa1085e4f4ffffc5fa1144070848638528f5ffffc5fa1085e8f4ffffc5fa114407084863852cf5ffffc5fa1085ecf4ffffc5fa1144070848638530f5ffffc5fa1085f0f4ffffc5fa1144070848638534f5ffffc5fa1085f4f4ffffc5fa1144070848638538f5ffffc5fa1085f8f4ffffc5fa114407084863853cf5ffffc5fa1085fcf4ffffc5fa11440708',
  'one number': 'c4c17a1001c5fa584304c4c17a1101',
  'a line of memory that is wanted soon': '480f184e40',
  'sums that stay in registers':
    'c4410457ffc4410c57f6c4411457edc4411c57e4c5fc1085c0f4ffffc4627db83ec5fc108de0f4ffffc46275b87620c4627db86e40c46275b866604883e9010f85cfffffffc57c113fc57c117720',
  'what was stored is read in other halves':
    'c5fc1085c0f4ffffc5fc1107c5fc1085e0f4ffffc5fc114720c5fc104704c5fc104f24c5fc1106c5fc114e20',
  'the frame of a routine': '488b45f8c5f877c3',
};

for (const [name, emit] of Object.entries(cases)) {
  test(name, () => {
    const code = new Avx2();
    emit(code);
    for (const vector of OPEN) code.open.add(vector);
    assert.equal(Buffer.from(code.finish()).toString('hex'), expected[name]);
  });
}

test('code tells which vectors must be kept for code elsewhere', () => {
  const code = new Avx2();
  code.clear(1);
  const loop = code.here();
  code.addVectors(1, 1, 2);
  code.multiplyVectors(3, 1, 1);
  code.jumpIf('below', loop);
  assert.deepEqual([...code.open], [1, 2]);
});
