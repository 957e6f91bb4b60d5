/** The machine code of an operator for one of the kinds of processors. */
import type { Assembler } from './assembler.js';
import { Avx2 } from './avx2.js';
import { Avx512 } from './avx512.js';
import type { Kernel } from './kernel.js';
import { operators } from './operators.js';

/** The vectors of a processor: 32 registers of 16 numbers, or 16 of 8. */
export type Vectors = 'avx512' | 'avx2';

/** @param more writes what stands behind it */
export function assembled(
  vectors: Vectors,
  name: string,
  shape: readonly number[],
  more: (code: Assembler, kernel: Kernel) => void = () => {},
): { readonly kernel: Kernel; readonly code: Uint8Array } {
  const write = operators[name]!;
  const code = vectors === 'avx512' ? new Avx512() : new Avx2(openOf(write, shape));
  const kernel = write(code, shape);
  more(code, kernel);
  return { kernel, code: code.finish() };
}

/** Which vectors are read where code may come from elsewhere: known once the code has been written. */
function openOf(write: (code: Assembler, shape: readonly number[]) => Kernel, shape: readonly number[]) {
  const draft = new Avx2();
  write(draft, shape);
  return draft.open;
}
