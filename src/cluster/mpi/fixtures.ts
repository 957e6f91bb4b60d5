/** Programs started by the launchers of Open MPI and MPICH, for tests; what is not installed is skipped with a word. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

export const launchers = {
  'Open MPI': {
    command: 'mpirun.openmpi',
    flags: ['--oversubscribe', '--bind-to', 'none'],
    env: { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1', OMPI_MCA_mpi_yield_when_idle: '1' },
  },
  MPICH: { command: 'mpirun.mpich', flags: [], env: {} },
} as const;

export type LauncherName = keyof typeof launchers;
export const launcherNames = Object.keys(launchers) as LauncherName[];

/** Why a launcher cannot be used here, or false. */
export function whyNot(name: LauncherName): string | false {
  const { command, env } = launchers[name];
  const { status } = spawnSync(command, ['--version'], { env: { ...process.env, ...env } });
  return status === 0 ? false : `${command} is not installed`;
}

export interface Launched {
  readonly child: ChildProcess;
  /** What it printed, and how it ended. */
  readonly ended: Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number | null }>;
}

/**
 * Starts `node ARGS` in so many processes.
 * @param more flags of the launcher
 */
export function launch(
  name: LauncherName,
  size: number,
  args: readonly string[],
  more: readonly string[] = [],
): Launched {
  const { command, flags, env } = launchers[name];
  const child = spawn(command, [...flags, ...more, '-n', String(size), process.execPath, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (part) => (texts.stdout += part));
  child.stderr.on('data', (part) => (texts.stderr += part));
  const ended = new Promise<Awaited<Launched['ended']>>((resolve) => {
    child.on('close', (code) => resolve({ ...texts, code }));
  });
  return { child, ended };
}
