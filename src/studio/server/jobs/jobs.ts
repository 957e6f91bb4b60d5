/** Starting, stopping and going on with trainings: each is a process of its own that runs `cover`. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { refused } from '../refused.js';
import { jobState, logPath, notePath } from '../runs/job.js';

const WATCH = fileURLToPath(new URL('./watch-main.js', import.meta.url));

/**
 * Starts `cover` for a run and waits until its process is noted.
 * @param run the absolute path of the run's folder
 * @throws Refused (409) where a process of the run goes on
 */
export async function startJob(run: string, args: readonly string[]): Promise<void> {
  if (jobState(run)?.running) throw refused(409, 'this run goes on already');
  mkdirSync(run, { recursive: true });
  const before = jobState(run)?.started;
  const child = spawn(process.execPath, [WATCH, run, ...args], { detached: true, stdio: 'ignore' });
  child.unref();
  const failed = new Promise<Error>((resolve) => void child.once('error', resolve));
  for (let tries = 0; tries < 200; tries++) {
    const state = existsSync(notePath(run)) ? jobState(run) : null;
    if (state && state.started !== before) return;
    const waited = new Promise<void>((resolve) => setTimeout(resolve, 50));
    const error = await Promise.race([failed, waited]);
    if (error) throw error;
  }
  throw refused(503, 'the process of the training did not start');
}

/**
 * Tells a training to write a checkpoint and end.
 * @throws Refused (409) where no process of the studio trains the run
 */
export function stopJob(run: string): void {
  const job = jobState(run);
  if (!job?.running) throw refused(409, 'no process of the studio trains this run');
  process.kill(job.process.pid, 'SIGTERM');
}

/** The end of what a training printed. */
export function jobLog(run: string, most = 2 ** 14): string {
  let file: number;
  try {
    file = openSync(logPath(run), 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, most));
    const read = readSync(file, bytes, 0, bytes.length, Math.max(0, size - most));
    return bytes.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}
