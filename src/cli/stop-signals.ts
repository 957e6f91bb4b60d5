/** Ctrl-C and SIGTERM end a run after its step, with a checkpoint; a second signal ends it at once. */
import type { Progress } from './progress.js';

/** @param run is given what to ask after every step */
export async function stoppable<T>(progress: Progress, run: (shouldStop: () => boolean) => Promise<T>): Promise<T> {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    progress.line('Stopping after this step, with a checkpoint. Once more to stop at once.');
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await run(() => stopping);
  } finally {
    progress.end();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
