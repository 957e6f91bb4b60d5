/** Memory outside of JavaScript's, by the system's calls: where code and what it works with lie at fixed addresses. */
import { createRequire } from 'node:module';

/** `PROT_READ | PROT_WRITE`, `PROT_READ | PROT_EXEC`, and `MAP_PRIVATE | MAP_ANONYMOUS` of Linux. */
const [WRITABLE, EXECUTABLE, PRIVATE] = [3, 5, 0x22];

export interface Region {
  readonly address: bigint;
  /** Its bytes; not to be used when it is released. */
  readonly bytes: Uint8Array;
  release(): void;
}

export interface SystemMemory {
  /** Zeros that are there when they are touched, from a page's begin on. @throws when there is none */
  reserve(bytes: number): Region;
  /** Machine code that may be called, and no longer be changed. @throws when the system forbids it */
  executable(code: Uint8Array): Region;
}

export function systemMemory(): SystemMemory {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const libc = koffi.load('libc.so.6');
  const mmap = libc.func(
    'intptr_t mmap(uintptr_t at, size_t bytes, int protection, int flags, int file, int64_t from)',
  );
  const mprotect = libc.func('int mprotect(uintptr_t at, size_t bytes, int protection)');
  const munmap = libc.func('int munmap(uintptr_t at, size_t bytes)');
  const reserve = (bytes: number): Region => {
    const address = BigInt(mmap(0, bytes, WRITABLE, PRIVATE, -1, 0) as number | bigint);
    if (address === -1n) throw new Error(`the system has no memory of ${bytes} bytes`);
    return {
      address,
      bytes: new Uint8Array(koffi.view(address, bytes)),
      release: () => void munmap(address, bytes),
    };
  };
  return {
    reserve,
    executable(code) {
      const region = reserve(code.length);
      region.bytes.set(code);
      if (mprotect(region.address, code.length, EXECUTABLE) !== 0) {
        region.release();
        throw new Error('the system does not let this process run code that it makes');
      }
      return region;
    },
  };
}
