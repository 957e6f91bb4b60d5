/** Whether operators of ours run here. */
import { readFileSync } from 'node:fs';
import { InputError } from '../../../core/errors.js';
import { libraryPath } from './api.js';
import { systemMemory } from './memory.js';

let reason: string | null | undefined;

/** Whether all that `whyNotOwnOperators` asks for is there. @throws InputError as it does */
export function ownOperatorsWork(): boolean {
  return whyNotOwnOperators() === null;
}

/**
 * They need Linux on x86-64 with vectors of 16 numbers (AVX-512F), where a process may run code that it makes. The
 * environment variable COVER_KERNELS=off says no.
 * @returns null where they work
 * @throws InputError ('config') when the variable says anything else but on or off
 */
export function whyNotOwnOperators(): string | null {
  if (reason === undefined) reason = ownOperatorsAsked() ? whatIsMissing() : 'COVER_KERNELS is off';
  return reason;
}

/** Whether COVER_KERNELS lets them compute. @throws InputError ('config') when it says anything else but on or off */
export function ownOperatorsAsked(): boolean {
  const asked = process.env.COVER_KERNELS || 'on';
  if (asked !== 'on' && asked !== 'off') {
    throw new InputError(
      'config',
      `expected the environment variable COVER_KERNELS to be on or off, found "${asked}"`,
      'Leave it out to use the operators of ours where they work.',
    );
  }
  return asked === 'on';
}

function whatIsMissing(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'they are for Linux on x86-64';
  try {
    if (!/^flags\s*:.*\bavx512f\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))) return 'the processor has no AVX-512';
    libraryPath();
    // A routine that returns.
    systemMemory().executable(Uint8Array.of(0xc3)).release();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
