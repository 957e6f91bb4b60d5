/**
 * Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) end a run after its step, with a checkpoint; the command then
 * ends with the code of the signal. A second signal ends it at once, as the system ends a process that does not listen.
 */
import type { Progress } from './progress.js';

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof CODES;

/** @param run is given what to ask after every step */
export async function stoppable<T>(progress: Progress, run: (shouldStop: () => boolean) => Promise<T>): Promise<T> {
  let stopping: Signal | undefined;
  const stop = (signal: Signal) => {
    if (stopping) {
      // To exit from here would tear down the engine's thread while it computes; the signal itself does not.
      for (const name of signals) process.off(name, stop);
      process.kill(process.pid, signal);
      return;
    }
    stopping = signal;
    progress.line('Stopping after this step, with a checkpoint. Once more to stop at once.');
  };
  for (const name of signals) process.on(name, stop);
  try {
    return await run(() => stopping !== undefined);
  } finally {
    progress.end();
    for (const name of signals) process.off(name, stop);
    if (stopping) process.exitCode = CODES[stopping];
  }
}

const signals = Object.keys(CODES) as Signal[];
