/** Whether operators of ours run here. */
import { readFileSync } from 'node:fs';
import { InputError } from '../../../core/errors.js';
import type { Vectors } from '../../../kernels/assembled.js';
import { libraryPath } from './api.js';
import { systemMemory } from './memory.js';

/** The vectors that they compute with, or why they do not. */
export type OwnOperators = { readonly vectors: Vectors } | { readonly missing: string };

let found: OwnOperators | undefined;

/**
 * They need Linux on x86-64 with vectors of 16 numbers (AVX-512F) or of 8 (AVX2 and FMA), where a process may run code
 * that it makes. The environment variable COVER_KERNELS=off says no.
 * @throws InputError ('config') when the variable says anything else but on, avx2 or off
 */
export function ownOperators(): OwnOperators {
  const asked = ownOperatorsAsked();
  found ??= asked === 'off' ? { missing: 'COVER_KERNELS is off' } : whatWorks(asked);
  return found;
}

/** Whether they compute. @throws InputError as `ownOperators` does */
export function ownOperatorsWork(): boolean {
  return 'vectors' in ownOperators();
}

/** What COVER_KERNELS says of them. @throws InputError ('config') when it says anything else but on, avx2 or off */
export function ownOperatorsAsked(): 'on' | 'avx2' | 'off' {
  const asked = process.env.COVER_KERNELS || 'on';
  if (asked !== 'on' && asked !== 'avx2' && asked !== 'off') {
    throw new InputError(
      'config',
      `expected the environment variable COVER_KERNELS to be on, avx2 or off, found "${asked}"`,
      'Leave it out to use the operators of ours where they work.',
    );
  }
  return asked;
}

function whatWorks(asked: 'on' | 'avx2'): OwnOperators {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { missing: 'they are for Linux on x86-64' };
  try {
    const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '));
    const vectors = vectorsOf(flags, asked);
    if (!vectors) return { missing: 'the processor has neither AVX-512 nor AVX2 with FMA' };
    libraryPath();
    // A routine that returns.
    systemMemory().executable(Uint8Array.of(0xc3)).release();
    return { vectors };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

/** The vectors of a processor with these flags, as Linux names them. */
export function vectorsOf(flags: ReadonlySet<string>, asked: 'on' | 'avx2'): Vectors | null {
  if (asked === 'on' && flags.has('avx512f')) return 'avx512';
  return flags.has('avx2') && flags.has('fma') ? 'avx2' : null;
}
