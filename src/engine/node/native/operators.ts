/**
 * The operators of `src/kernels` as ONNX Runtime takes custom ones (`OrtCustomOp` in onnxruntime_c_api.h): a structure
 * of functions, most of which are a few bytes of machine code that answer with a number. What a node computes is called
 * by the runtime without coming back to JavaScript.
 */
import { createRequire } from 'node:module';
import { OWN } from '../../../graph/lowering.js';
import { assembled, type Vectors } from '../../../kernels/assembled.js';
import { type Assembler, r8, rax, rbp, rbx, rcx, rdi, rdx, rsi, rsp, VECTOR } from '../../../kernels/assembler.js';
import { Avx512 } from '../../../kernels/avx512.js';
import type { Label } from '../../../kernels/code-bytes.js';
import { BLOCK_BYTES, type Kernel, slots } from '../../../kernels/kernel.js';
import { operators } from '../../../kernels/operators.js';
import { elementTypes } from '../../../onnx/surroundings.js';
import type { Api } from './api.js';
import type { Region, SystemMemory } from './memory.js';

/** The version of the structure from which on kernels are made and computed with a status. */
const VERSION = 16;
const VARIADIC = 2;

/** Bytes that are reserved for slots and tables at once; what is not touched takes no memory. */
const RESERVED = 2 ** 22;

/** The slots of a kernel, its code and where this begins, and the bytes of memory that it needs. */
interface Block {
  readonly address: bigint;
  readonly words: BigInt64Array;
  readonly code: Uint8Array;
  readonly compute: number;
  readonly scratch: number;
  readonly shared: number;
}

export interface Operators {
  /** What a session is given to know them. */
  readonly domain: bigint;
  /** Calls `make`, which makes a session. @returns it, and what frees the memory of its kernels */
  during(make: () => bigint): { readonly session: bigint; readonly release: () => void };
}

/** @param threads of a session */
export function customOperators(api: Api, memory: SystemMemory, vectors: Vectors, threads: number): Operators {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  let made: Region[] = [];
  let blocks = new Map<string, Block>();
  let room: { readonly region: Region; used: number } | null = null;
  let problem: unknown = null;

  /** Makes the kernel of a node: called by the runtime within a session's making. Nodes of one shape share it. */
  const create = (name: string, info: bigint): bigint => {
    const count = new BigUint64Array([32n]);
    const attribute = new BigInt64Array(32);
    api.check(api.getIntegers(info, 'shape', attribute, count));
    const shape = Array.from(attribute.subarray(0, Number(count[0])), Number);
    const key = `${name} ${shape}`;
    const known = blocks.get(key) ?? blockOf(name, shape);
    blocks.set(key, known);
    return known.address;
  };

  const blockOf = (name: string, shape: readonly number[]): Block => {
    const { kernel, code, behind } = assembled(vectors, name, shape, (assembler, made) =>
      computeRoutine(assembler, made, api.at, threads),
    );
    const { tables } = kernel;
    // The slots, and behind them the tables.
    const { address, bytes } = reserve(tables.reduce((sum, table) => sum + aligned(table), BLOCK_BYTES));
    const words = new BigInt64Array(bytes.buffer, bytes.byteOffset, BLOCK_BYTES / 8);
    let at = BLOCK_BYTES;
    for (const [k, table] of tables.entries()) {
      bytes.set(new Uint8Array(table.buffer, table.byteOffset, table.byteLength), at);
      words[slots.tables / 8 + k] = address + BigInt(at);
      at += aligned(table);
    }
    for (const [k, extents] of kernel.outputs.entries()) {
      words.set(BigInt64Array.from(extents, BigInt), slots.extents / 8 + 8 * k);
    }
    const needs = { scratch: kernel.scratch, shared: kernel.shared ?? 0 };
    return { address, words, code, compute: behind!.at!, ...needs };
  };

  const aligned = ({ byteLength }: { readonly byteLength: number }) => Math.ceil(byteLength / VECTOR) * VECTOR;

  /** Some of the memory that is reserved. */
  const reserve = (bytes: number) => {
    if (!room || room.used + bytes > room.region.bytes.length) {
      room = { region: memory.reserve(Math.max(RESERVED, bytes)), used: 0 };
      made.push(room.region);
    }
    const from = room.used;
    room.used += bytes;
    return { address: room.region.address + BigInt(from), bytes: room.region.bytes.subarray(from, from + bytes) };
  };

  /** The code of all kernels, one after the other. */
  const giveCode = () => {
    const all = [...blocks.values()];
    const code = new Uint8Array(all.reduce((sum, block) => sum + aligned(block.code), 0));
    if (code.length === 0) return;
    let at = 0;
    for (const block of all) {
      code.set(block.code, at);
      block.words[slots.compute / 8] = BigInt(at + block.compute);
      at += aligned(block.code);
    }
    const region = memory.executable(code);
    made.push(region);
    for (const { words } of all) words[slots.compute / 8]! += region.address;
  };

  /** One after the other, the kernels of a session work in the same memory. */
  const giveMemory = () => {
    const all = [...blocks.values()];
    const ofThreads = threads * Math.max(0, ...all.map(({ scratch }) => scratch));
    const shared = Math.max(0, ...all.map((block) => block.shared));
    if (ofThreads + shared === 0) return;
    const region = memory.reserve(ofThreads + shared);
    made.push(region);
    for (const { words } of all) {
      words[slots.scratch / 8] = region.address;
      words[slots.shared / 8] = region.address + BigInt(ofThreads);
    }
  };

  const answers = new Avx512();
  const answer = (value: bigint | number): Label => {
    const label = answers.here();
    answers.set(rax, value);
    answers.return();
    return label;
  };
  const compute = answers.here();
  answers.load(rax, { base: rdi, offset: slots.compute });
  answers.jumpTo(rax);
  // The type float32 is 1, too.
  const [zero, one, variadic] = [answer(0), answer(elementTypes.float32), answer(VARIADIC)];
  const names = memory.reserve(4096);
  const structures = memory.reserve(4096);
  const createType = koffi.proto('uintptr_t', ['uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t']);
  const nameLabels = Object.keys(operators).map((name, k) => {
    names.bytes.set(new TextEncoder().encode(name), 64 * k);
    return answer(names.address + BigInt(64 * k));
  });
  const code = memory.executable(answers.finish());
  const at = (label: Label) => code.address + BigInt(label.at!);
  const domain = api.made((to) => api.createCustomOpDomain(OWN, to));
  for (const [k, name] of Object.keys(operators).entries()) {
    const callback = koffi.register((_op: unknown, _api: unknown, info: bigint, kernel: bigint) => {
      try {
        const address = create(name, BigInt(info));
        new BigUint64Array(koffi.view(BigInt(kernel), 8))[0] = address;
      } catch (error) {
        problem ??= error;
      }
      return 0;
    }, koffi.pointer(createType));
    const none = 0n;
    const fields = [
      ...[BigInt(VERSION), none, at(nameLabels[k]!), at(zero)], // Its name; the provider is the CPU.
      ...[at(one), at(one), at(one), at(one)], // Types and counts of inputs and outputs: float, one.
      ...[none, at(zero)], // Compute of older versions; destroy.
      ...[at(variadic), at(zero), at(zero)], // Inputs are as many as there are, an output is there; on the CPU.
      ...[at(one), at(one), at(one), at(one)], // At least one input, all of a type; likewise outputs.
      ...[callback, at(compute)],
    ];
    const length = 256;
    new BigUint64Array(structures.bytes.buffer, structures.bytes.byteOffset + k * length, fields.length).set(fields);
    api.check(api.customOpDomainAdd(domain, structures.address + BigInt(k * length)));
  }

  return {
    domain,
    during(make) {
      made = [];
      blocks = new Map();
      room = null;
      problem = null;
      const own = made;
      const release = () => {
        for (const region of own) region.release();
      };
      try {
        const session = make();
        if (problem) {
          api.releaseSession(session);
          throw problem;
        }
        giveCode();
        giveMemory();
        return { session, release };
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

/** Asks for the addresses of a node's inputs and outputs, and does its phases on all threads: where that begins. */
function computeRoutine(code: Assembler, kernel: Kernel, at: Api['at'], threads: number): Label {
  const begin = code.here();
  const exit = code.label();
  const call = (address: bigint) => {
    code.set(rax, address);
    code.call(rax);
    code.compare(rax, 0);
    code.jumpIf('notEqual', exit);
  };
  for (const register of [rbx, rbp]) code.push(register);
  code.subtract(rsp, 24);
  code.move(rbx, rdi);
  code.move(rbp, rsi);
  const found = { base: rsp, offset: 8 };
  const keepData = (slot: number) => {
    code.load(rdi, found);
    code.address(rsi, { base: rbx, offset: slot });
    call(at.getData);
  };
  for (let k = 0; k < kernel.inputs; k++) {
    code.move(rdi, rbp);
    code.set(rsi, k);
    code.address(rdx, found);
    call(at.getInput);
    keepData(slots.inputs + 8 * k);
  }
  for (const [k, extents] of kernel.outputs.entries()) {
    code.move(rdi, rbp);
    code.set(rsi, k);
    code.address(rdx, { base: rbx, offset: slots.extents + 64 * k });
    code.set(rcx, extents.length);
    code.address(r8, found);
    call(at.getOutput);
    keepData(slots.outputs + 8 * k);
  }
  for (const phase of kernel.phases) {
    code.set(rax, 0);
    code.store({ base: rbx, offset: slots.counter }, rax);
    code.move(rdi, rbp);
    code.addressOf(rsi, phase);
    code.set(rdx, threads);
    code.set(rcx, 0);
    code.move(r8, rbx);
    call(at.parallelFor);
  }
  code.set(rax, 0);
  code.here(exit);
  code.add(rsp, 24);
  for (const register of [rbp, rbx]) code.pop(register);
  code.return();
  return begin;
}
