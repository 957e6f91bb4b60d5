/**
 * Says that a process has died, whatever killed it and however fast its launcher ends the others: a shell of its own
 * session, which waits for a word of the process, and knows by the end of the pipe that none will come. Of the heralds
 * of all processes the first one speaks; a folder that only one of them can make decides.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { Member } from './watch.js';

export interface Herald {
  /** The process ends as it should, or has said itself why it ends. */
  dismiss(): void;
  /** The process has said that another one has died: the folder that decided is removed when all have ended. */
  tidy(): void;
}

/** `$1`: what to say, `$2`: the folder of checkpoints, `$3`: the folder that decides. */
const script = `
read -r word
[ "$word" = bye ] && exit 0
if [ "$word" = tidy ]; then
  exec 2>&-
  sleep 5
  rmdir "$3"
  exit 0
fi
mkdir "$3" 2> /dev/null || exit 0
last=$(ls "$2"/step-*.safetensors 2> /dev/null | tail -n 1)
if [ -n "$last" ]; then next="The last checkpoint is $last. Go on with --resume, with as many processes or another number."
else next="No checkpoint was written yet: start the run again."; fi
printf '\\nerror: %s\\n  %s\\n' "$1" "$next" >&2
exec 2>&-
sleep 5
rmdir "$3"
`;

/** @param mark a folder that does not exist, which all processes of the run see */
export function startHerald(member: Member, checkpoints: string, mark: string): Herald {
  const shell = spawn('/bin/sh', ['-c', script, 'sh', deathOf(member), checkpoints, mark], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  shell.on('error', () => {}); // Without a shell only the other processes speak.
  shell.stdin.on('error', () => {});
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return { dismiss: () => shell.stdin.end('bye\n'), tidy: () => shell.stdin.end('tidy\n') };
}

/** Whether this process is the first to speak of a death. */
export function speaksFirst(mark: string): boolean {
  try {
    mkdirSync(mark);
    return true;
  } catch {
    return false;
  }
}

export function deathOf({ rank, host, pid }: Member): string {
  return `rank ${rank} (process ${pid} on ${host}) has died, and with it the run`;
}
