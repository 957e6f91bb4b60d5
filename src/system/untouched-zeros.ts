/**
 * Large arrays of zeros that take no memory before they are written. The C library of Linux hands out zeros by writing
 * them where a process keeps what it frees (kept-memory.ts), and fresh memory takes long to write.
 */
import { createRequire } from 'node:module';

/** An advice of `madvise`: large pages. */
const HUGE_PAGES = 14;
const HUGE_PAGE = 2 ** 21;

/** Zeros; those of several large pages take memory page by page, when they are written. */
export function untouchedZeros(count: number): Float32Array {
  const bytes = count * Float32Array.BYTES_PER_ELEMENT;
  if (bytes < 2 * HUGE_PAGE) return new Float32Array(count);
  // What may be resized is mapped by itself, by the page, where other arrays come from the C library.
  const zeros = new Float32Array(new Resizable(bytes, { maxByteLength: bytes }), 0, count);
  advise?.(zeros, bytes, HUGE_PAGES);
  return zeros;
}

/** ES2024, of which Node 20 has this much. */
const Resizable = ArrayBuffer as new (bytes: number, options: { readonly maxByteLength: number }) => ArrayBuffer;

/** Null on other systems than Linux. */
const advise = (() => {
  if (process.platform !== 'linux') return null;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    return koffi.load('libc.so.6').func('int madvise(void* place, size_t bytes, int advice)');
  } catch {
    return null;
  }
})();
