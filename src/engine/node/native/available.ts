/** Whether operators of ours run here. */
import { readFileSync } from 'node:fs';
import { InputError } from '../../../core/errors.js';
import { libraryPath } from './api.js';
import { systemMemory } from './memory.js';

let available: boolean | undefined;

/**
 * On Linux, on x86-64 with vectors of 16 numbers (AVX-512F), where a process may run code that it makes. The
 * environment variable COVER_KERNELS=off says no.
 * @throws InputError ('config') when the variable says anything else but on or off
 */
export function ownOperatorsWork(): boolean {
  available ??= areAsked() && isAvailable();
  return available;
}

function areAsked(): boolean {
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

function isAvailable(): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  try {
    if (!/^flags\s*:.*\bavx512f\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))) return false;
    libraryPath();
    // A routine that returns.
    systemMemory().executable(Uint8Array.of(0xc3)).release();
    return true;
  } catch {
    return false;
  }
}
