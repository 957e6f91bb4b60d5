/** Runs of the command under the launchers of MPI, for tests. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Launched, type LauncherName, launch } from '../cluster/mpi/fixtures.js';
import { coverCommand } from '../system/command.js';

export const command = coverCommand();

/** `cover ARGS` in one process. */
export async function alone(args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [command, ...args])).stdout;
}

/** `mpirun -n SIZE cover ARGS`, and how it ended. */
export function together(
  name: LauncherName,
  size: number,
  args: readonly string[],
): Promise<Awaited<Launched['ended']>> {
  return start(name, size, args).ended;
}

/** @param flags of the launcher */
export function start(
  name: LauncherName,
  size: number,
  args: readonly string[],
  flags: readonly string[] = [],
): Launched {
  return launch(name, size, [command, ...args], flags);
}

/** The bytes of the last checkpoint of a run of so many steps. */
export function lastCheckpoint(folder: string, steps: number): Buffer {
  return readFileSync(join(folder, 'checkpoints', `step-${String(steps).padStart(8, '0')}.safetensors`));
}

/** Waits for a file. */
export async function appears(path: string, ended: Launched['ended'], seconds = 60): Promise<void> {
  let over: Awaited<Launched['ended']> | undefined;
  void ended.then((end) => (over = end));
  for (let wait = 0; wait < seconds * 20; wait++) {
    if (existsSync(path)) return;
    if (over) throw new Error(`the run ended before ${path} was there:\n${over.stdout}\n${over.stderr}`);
    await sleep(50);
  }
  throw new Error(`${path}: not there after ${seconds} s`);
}

/** The numbers of the processes by rank, from what rank 0 prints when all have found each other. */
export async function processes({ child }: Launched): Promise<number[]> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout!.on('data', (part) => {
      text += part;
      const line = text.match(/^\d+ processes with .*\n/m)?.[0];
      if (line) resolve([...line.matchAll(/is process (\d+)/g)].map(([, pid]) => Number(pid)));
    });
  });
}
