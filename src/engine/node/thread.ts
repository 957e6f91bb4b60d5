/** The engine's thread. It may begin before it is known what it is for, and load its libraries meanwhile. */
import { Worker } from 'node:worker_threads';

let waiting: Worker | null = null;

const begin = () => new Worker(new URL('./worker.js', import.meta.url));

/**
 * Begins the thread of the next engine. It does not keep the process alive; where it fails, that engine has another.
 */
export function prepareEngine(): void {
  if (waiting) return;
  const worker = begin();
  const forget = () => {
    if (waiting === worker) waiting = null;
  };
  worker.once('error', forget).once('exit', forget);
  worker.unref();
  waiting = worker;
}

/** The thread that waits, or a new one. */
export function engineThread(): Worker {
  const worker = waiting ?? begin();
  waiting = null;
  return worker;
}
