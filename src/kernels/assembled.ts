/** The machine code of an operator for one of the kinds of processors. */
import type { Assembler } from './assembler.js';
import { Avx2 } from './avx2.js';
import { Avx512 } from './avx512.js';
import type { Label } from './code-bytes.js';
import type { Kernel } from './kernel.js';
import { operators } from './operators.js';

/** The vectors of a processor: 32 registers of 16 numbers, or 16 of 8. */
export type Vectors = 'avx512' | 'avx2';

/** @param more writes what stands behind it, and tells where that begins */
export function assembled(
  vectors: Vectors,
  name: string,
  shape: readonly number[],
  more: (code: Assembler, kernel: Kernel) => Label | null = () => null,
): { readonly kernel: Kernel; readonly code: Uint8Array; readonly behind: Label | null } {
  const code = vectors === 'avx512' ? new Avx512() : new Avx2();
  const kernel = operators[name]!(code, shape);
  const behind = more(code, kernel);
  return { kernel, code: code.finish(), behind };
}
