/**
 * Ends this process at once. `process.exit` first waits for the threads, and a thread that waits within MPI for a
 * process that is gone never returns.
 */
import { createRequire } from 'node:module';

export function endProcess(code: number): never {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  koffi.load(null).func('void _exit(int code)')(code);
  throw new Error('internal: the process goes on after its end');
}
