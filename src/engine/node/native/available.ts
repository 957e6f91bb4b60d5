/** Whether operators of ours run here. */
import { readFileSync } from 'node:fs';
import { libraryPath } from './api.js';
import { systemMemory } from './memory.js';

let available: boolean | undefined;

/**
 * On Linux, on x86-64 with vectors of 16 numbers (AVX-512F), where a process may run code that it makes. The
 * environment variable COVER_KERNELS=off says no.
 */
export function ownOperatorsWork(): boolean {
  available ??= process.env.COVER_KERNELS !== 'off' && isAvailable();
  return available;
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
