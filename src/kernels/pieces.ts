/** A routine by which every thread takes pieces of the work from the common counter, until there is none. */
import { type Assembler, LOCALS, r9, r12, r13, r14, r15, rax, rbp, rbx, rdi, rsi, rsp, VECTOR } from './assembler.js';
import type { Label } from './code-bytes.js';
import { slots } from './kernel.js';
import { PRODUCTS } from './transforms.js';

/** Registers that belong to the caller. */
const SAVED = [rbx, rbp, r12, r13, r14, r15];
/**
 * `work` is given the number of the piece in rax, the block of slots in rbx, the thread's memory in r12, and in r9
 * memory for twice the 36 vectors of a tile, which it may change; rbx, rbp and r12 it leaves as they are.
 * @param scratch bytes of a thread's memory
 */
export function eachPiece(code: Assembler, pieces: number, scratch: number, work: () => void): Label {
  const start = code.here();
  for (const register of SAVED) code.push(register);
  code.move(rax, rsp);
  code.and(rsp, -VECTOR);
  code.subtract(rsp, VECTOR);
  code.store({ base: rsp }, rax);
  code.move(rbp, rsp);
  code.subtract(rsp, LOCALS + code.frame + 2 * PRODUCTS * VECTOR);
  code.move(r9, rsp);
  code.move(rbx, rdi);
  code.multiply(r12, rsi, scratch);
  code.add(r12, { base: rbx, offset: slots.scratch });
  const [next, end] = [code.here(), code.label()];
  code.set(rax, 1);
  code.exchangeAdd({ base: rbx, offset: slots.counter }, rax);
  code.compare(rax, pieces);
  code.jumpIf('atLeast', end);
  work();
  code.jump(next);
  code.here(end);
  code.leaveVectors();
  code.load(rsp, { base: rbp });
  for (const register of SAVED.toReversed()) code.pop(register);
  code.return();
  return start;
}
