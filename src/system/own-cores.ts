/** How many cores a process may take to itself, where several of one run share a host. */
import { availableParallelism, cpus } from 'node:os';

/**
 * Cores of this process.
 * @param local processes of the run on this host; null where it is not known
 * @param task cores that a batch system has given each process; null where there is none
 */
export function ownCores(
  local: number | null,
  task: number | null = null,
  { available, all }: { available: number; all: number } = { available: availableParallelism(), all: cpus().length },
): number {
  if (task !== null) return Math.max(1, Math.min(task, available));
  // A launcher that binds its processes to cores has left each its share already.
  const bound = available < all;
  return bound || local === null ? available : Math.max(1, Math.floor(available / local));
}

/** The threads that the environment gives a program of OpenMP; 0 where it says nothing. */
export function askedThreads(): number {
  return Math.max(0, Number.parseInt(process.env.OMP_NUM_THREADS ?? '', 10) || 0);
}
