/** The bytes of instructions, each beside what a disassembler (GNU objdump) makes of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Assembler, r8, r9, r12, r13, rax, rbp, rbx, rcx, rdi, rsi, rsp } from './assembler.js';
import { Avx512 } from './avx512.js';

const cases: readonly (readonly [string, (code: Assembler) => void])[] = [
  ['mov r12,[rbp+0x10]', (code) => code.load(r12, { base: rbp, offset: 16 })],
  ['mov [rsp+0x200],r8', (code) => code.store({ base: rsp, offset: 512 }, r8)],
  ['movsxd rcx,[r13+rax*4]', (code) => code.loadInt32(rcx, { base: r13, index: rax, scale: 4 })],
  ['lea r9,[r12-0x8]', (code) => code.address(r9, { base: r12, offset: -8 })],
  ['mov rax,0x123456789abc', (code) => code.set(rax, 0x123456789abcn)],
  ['mov r8d,0x7', (code) => code.set(r8, 7)],
  ['sub rsp,0x900', (code) => code.subtract(rsp, 0x900)],
  ['and rsp,-64', (code) => code.and(rsp, -64)],
  ['cmp r13,rdi', (code) => code.compare(r13, { register: rdi })],
  ['imul rax,rsi,0x1000', (code) => code.multiply(rax, rsi, 4096)],
  ['imul rsi,[rbp-0x20]', (code) => code.multiplyBy(rsi, { base: rbp, offset: -32 })],
  ['lock xadd [rbx+0x8],rax', (code) => code.exchangeAdd({ base: rbx, offset: 8 }, rax)],
  ['vmovups zmm17,[rsi+0x140]', (code) => code.loadVector(17, { base: rsi, offset: 320 })],
  ['vmovups [rdi+0x104],zmm9', (code) => code.storeVector({ base: rdi, offset: 260 }, 9)],
  ['vbroadcastss zmm30,[rsi+0x8]', (code) => code.spread(30, { base: rsi, offset: 8 })],
  ['vfmadd231ps zmm27,zmm20,zmm31', (code) => code.multiplyAdd(27, 20, 31)],
  ['vfnmadd231ps zmm6,zmm2,zmm31', (code) => code.multiplySubtract(6, 2, 31)],
  ['vfmadd231ps zmm3,zmm28,[r12+0x10]{1to16}', (code) => code.multiplyAdd(3, 28, { each: { base: r12, offset: 16 } })],
  ['vaddps zmm8,zmm24,[rcx]', (code) => code.addVectors(8, 24, { base: rcx })],
  ['vpxord zmm24,zmm24,zmm24', (code) => code.clear(24)],
  ['vrndscaleps zmm25,zmm24,9', (code) => code.roundDown(25, 24)],
  ['vcvttps2dq zmm16,zmm17', (code) => code.toIntegers(16, 17)],
  ['vcmpgeps k2,zmm25,zmm28', (code) => code.compareVectors(2, 25, 'atLeast', 28)],
  [
    'vcmpltps k3{k3},zmm25,[rax+0x8]{1to16}',
    (code) => code.compareVectors(3, 25, 'below', { each: { base: rax, offset: 8 } }, 3),
  ],
  ['vmovaps zmm5{k3}{z},zmm26', (code) => code.keep(5, 26, 3)],
  ['vcmpleps k2,zmm16,zmm28', (code) => code.compareVectors(2, 16, 'atMost', 28)],
  ['vmulps zmm12{k2},zmm12,zmm31', (code) => code.multiplyVectors(12, 12, 31, 2)],
  ['vmovups zmm3{k7}{z},[rsi+rcx*1+0x4]', (code) => code.loadVector(3, { base: rsi, index: rcx, offset: 4 }, 7)],
  ['vmovups [rdi+rcx*1]{k7},zmm3', (code) => code.storeVector({ base: rdi, index: rcx }, 3, 7)],
  ['vsubps zmm21{k2},zmm21,[r8+rcx*1]', (code) => code.subtractVectors(21, 21, { base: r8, index: rcx }, 2)],
  [
    'vfmadd231ps zmm21{k2},zmm7,[r8+rcx*1-0x8]',
    (code) => code.multiplyAdd(21, 7, { base: r8, index: rcx, offset: -8 }, 2),
  ],
  ['vfnmadd231ps zmm22{k2},zmm23,zmm4', (code) => code.multiplySubtract(22, 23, 4, 2)],
  [
    'vfmadd213ps zmm22,zmm23,[rax+0xc]{1to16}',
    (code) => code.multiplyThenAdd(22, 23, { each: { base: rax, offset: 12 } }),
  ],
  ['vscalefps zmm21,zmm22,zmm24', (code) => code.scaleByPower(21, 22, 24)],
  ['kmovw k2,eax', (code) => code.setMask(2, rax)],
  ['vdivps zmm1,zmm2,zmm1', (code) => code.divideVectors(1, 2, 1)],
  ['vsqrtps zmm1,zmm17', (code) => code.squareRoot(1, 17)],
  ['vmaxps zmm9,zmm9,[rsi+0x40]', (code) => code.maximum(9, 9, { base: rsi, offset: 64 })],
  ['vmovss xmm2,[r12+rcx*1+0x240]', (code) => code.loadNumber(2, { base: r12, index: rcx, offset: 0x240 })],
  ['vmovss [rdi+rax*1+0x10],xmm3', (code) => code.storeNumber({ base: rdi, index: rax, offset: 16 }, 3)],
  ['vaddss xmm3,xmm3,[rdi+rax*1+0x4]', (code) => code.addNumbers(3, 3, { base: rdi, index: rax, offset: 4 })],
  ['prefetcht0 [rsi+0x400]', (code) => code.prefetch({ base: rsi, offset: 1024 })],
  ['vgatherdps zmm2{k1},[rsi+zmm25*1+0x20]', (code) => code.gather(2, { base: rsi, offset: 32 }, 25)],
  ['vscatterdps [rdi+zmm25*1+0x4]{k1},zmm10', (code) => code.scatter({ base: rdi, offset: 4 }, 25, 10)],
];

const expected: Readonly<Record<string, string>> = {
  'mov r12,[rbp+0x10]': '4c8b6510',
  'mov [rsp+0x200],r8': '4c89842400020000',
  'movsxd rcx,[r13+rax*4]': '49634c8500',
  'lea r9,[r12-0x8]': '4d8d4c24f8',
  'mov rax,0x123456789abc': '48b8bc9a785634120000',
  'mov r8d,0x7': '41b807000000',
  'sub rsp,0x900': '4881ec00090000',
  'and rsp,-64': '4883e4c0',
  'cmp r13,rdi': '4939fd',
  'imul rax,rsi,0x1000': '4869c600100000',
  'imul rsi,[rbp-0x20]': '480faf75e0',
  'lock xadd [rbx+0x8],rax': 'f0480fc14308',
  'vmovups zmm17,[rsi+0x140]': '62e17c48104e05',
  'vmovups [rdi+0x104],zmm9': '62717c48118f04010000',
  'vbroadcastss zmm30,[rsi+0x8]': '62627d48187602',
  'vfmadd231ps zmm27,zmm20,zmm31': '62025d40b8df',
  'vfnmadd231ps zmm6,zmm2,zmm31': '62926d48bcf7',
  'vfmadd231ps zmm3,zmm28,[r12+0x10]{1to16}': '62d21d50b85c2404',
  'vaddps zmm8,zmm24,[rcx]': '62713c405801',
  'vpxord zmm24,zmm24,zmm24': '62013d40efc0',
  'vrndscaleps zmm25,zmm24,9': '62037d4808c809',
  'vcvttps2dq zmm16,zmm17': '62a17e485bc1',
  'vcmpgeps k2,zmm25,zmm28': '62913440c2d40d',
  'vcmpltps k3{k3},zmm25,[rax+0x8]{1to16}': '62f13453c2580201',
  'vmovaps zmm5{k3}{z},zmm26': '62917ccb28ea',
  'vcmpleps k2,zmm16,zmm28': '62917c40c2d402',
  'vmulps zmm12{k2},zmm12,zmm31': '62111c4a59e7',
  'vmovups zmm3{k7}{z},[rsi+rcx*1+0x4]': '62f17ccf109c0e04000000',
  'vmovups [rdi+rcx*1]{k7},zmm3': '62f17c4f111c0f',
  'vsubps zmm21{k2},zmm21,[r8+rcx*1]': '62c154425c2c08',
  'vfmadd231ps zmm21{k2},zmm7,[r8+rcx*1-0x8]': '62c2454ab8ac08f8ffffff',
  'vfnmadd231ps zmm22{k2},zmm23,zmm4': '62e24542bcf4',
  'vfmadd213ps zmm22,zmm23,[rax+0xc]{1to16}': '62e24550a87003',
  'vscalefps zmm21,zmm22,zmm24': '62824d402ce8',
  'kmovw k2,eax': 'c5f892d0',
  'vdivps zmm1,zmm2,zmm1': '62f16c485ec9',
  'vsqrtps zmm1,zmm17': '62b17c4851c9',
  'vmaxps zmm9,zmm9,[rsi+0x40]': '627134485f4e01',
  'vmovss xmm2,[r12+rcx*1+0x240]': '62d17e4810940c40020000',
  'vmovss [rdi+rax*1+0x10],xmm3': '62f17e48115c0704',
  'vaddss xmm3,xmm3,[rdi+rax*1+0x4]': '62f16648585c0701',
  'prefetcht0 [rsi+0x400]': '480f188e00040000',
  'vgatherdps zmm2{k1},[rsi+zmm25*1+0x20]': 'c5f446c962b27d4192540e08',
  'vscatterdps [rdi+zmm25*1+0x4]{k1},zmm10': 'c5f446c962327d41a2540f01',
};

for (const [name, emit] of cases) {
  test(name, () => {
    const code = new Avx512();
    emit(code);
    assert.equal(Buffer.from(code.finish()).toString('hex'), expected[name]);
  });
}

test('a jump leads to its label, before it and behind it', () => {
  const code = new Avx512();
  const start = code.here();
  const end = code.label();
  code.jumpIf('atLeast', end);
  code.jump(start);
  code.here(end);
  assert.equal(Buffer.from(code.finish()).toString('hex'), '0f8305000000e9f5ffffff');
});

test('a jump that leads nowhere is a fault', () => {
  const code = new Avx512();
  code.jump(code.label());
  assert.throws(() => code.finish(), /leads nowhere/);
});
