/**
 * The note of a training's process, `job.json` in the run's folder: which process it is and how it ended. The process does not
 * belong to the server: it goes on when the page is closed or the server ends, and a later server finds it by this note.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../../system/files.js';

const noteSchema = z.object({
  /** The arguments of `cover`. */
  args: z.array(z.string()),
  /** The process that watches over the training; it stops the training when it is told to end. */
  pid: z.int().positive(),
  /** When the process began, as the system counts it, so that another process of that number is not taken for it. */
  born: z.string(),
  started: z.number(),
  /** How the training ended: its exit status, or null where it was killed or goes on. */
  code: z.int().nullable(),
  ended: z.number().nullable(),
  /** Whether it was told to stop. */
  stopped: z.boolean(),
  error: z.string(),
});

export type JobNote = z.output<typeof noteSchema>;

export interface JobState extends JobNote {
  readonly running: boolean;
}

export function notePath(run: string): string {
  return join(run, 'job.json');
}

export function logPath(run: string): string {
  return join(run, 'job.log');
}

/** Null where the studio started no process for this run, or the note cannot be read. */
export function jobState(run: string): JobState | null {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(notePath(run), 'utf8'));
  } catch {
    return null;
  }
  const note = noteSchema.safeParse(content);
  if (!note.success) return null;
  return { ...note.data, running: note.data.ended === null && isAlive(note.data.pid, note.data.born) };
}

export function writeNote(run: string, note: JobNote): void {
  writeFileAtomic(notePath(run), `${JSON.stringify(note, null, 2)}\n`);
}

/** When a process began; empty where the system does not tell. */
export function birthOf(pid: number): string {
  try {
    // The 22nd field; the second is a name in parentheses that may hold blanks.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(pid: number, born: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return born === '' || birthOf(pid) === born;
}
