/**
 * What a process of many large arrays asks of the C library of Linux (glibc): memory that becomes free stays, for the
 * next array, and comes in pages of 2 MiB. By default each array above 32 MiB is given back to the system when it is
 * free, and to fill the next one's fresh pages of 4 KiB takes longer than to compute many an operator.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { freeMemory } from './free-memory.js';

/** Parameters of `mallopt`, and an advice of `madvise`. */
const [TRIM_THRESHOLD, MMAP_MAX, ARENA_MAX] = [-1, -4, -8];
const HUGE_PAGES = 14;
const HUGE_PAGE = 2 ** 21;

/** Of the free memory, the share that is laid out beforehand. It is taken when it is written, and not before. */
const SHARE = 1 / 2;

/**
 * Lets the process keep what it frees, in large pages: for a program that computes and ends; a server that should give
 * memory back does without. Call it before the first engine starts, since a thread that is there has memory of its own.
 * @returns whether it was done; false on other systems and with another C library, where nothing changes
 * @example
 * keepMemory();
 * const network = await openNetwork(loadModel('runs/xrays'));
 */
export function keepMemory(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const libc = koffi.load('libc.so.6');
    const mallopt = libc.func('int mallopt(int parameter, int value)');
    // One arena for all threads: each other one can hold 64 MiB at most, and keeps it from the others.
    const done = [mallopt(ARENA_MAX, 1), mallopt(MMAP_MAX, 0), mallopt(TRIM_THRESHOLD, -1)];
    if (!done.every((one) => one === 1)) return false;
    // A system that promises no more than it has would count what is laid out as taken.
    if (readFileSync('/proc/sys/vm/overcommit_memory', 'utf8').trim() === '2') return true;
    const malloc = libc.func('uintptr_t malloc(size_t bytes)');
    const free = libc.func('void free(uintptr_t place)');
    const madvise = libc.func('int madvise(uintptr_t place, size_t bytes, int advice)');
    const bytes = Math.floor((freeMemory() * SHARE) / HUGE_PAGE) * HUGE_PAGE;
    const place = Number(malloc(bytes));
    if (place === 0) return true;
    const first = Math.ceil(place / HUGE_PAGE) * HUGE_PAGE;
    madvise(first, bytes - HUGE_PAGE, HUGE_PAGES);
    free(place);
    return true;
  } catch {
    return false;
  }
}
