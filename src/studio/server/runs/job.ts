/**
 * The note of a training's process, `job.json` in the run's folder: which process it is and how it ended. The process
 * does not belong to the server: it goes on when the page is closed or the server ends, and a later server finds it by
 * this note.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../../system/files.js';
import { ownIdentity, stillLives } from '../../../system/process-identity.js';

const noteSchema = z.object({
  /** The arguments of `cover`. */
  args: z.array(z.string()),
  /** The process that watches over the training; it stops the training when it is told to end. */
  process: z.object({
    host: z.string(),
    pid: z.int().positive(),
    started: z.string().nullable(),
    boot: z.string().nullable(),
    table: z.string().nullable(),
  }),
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

const self = ownIdentity();

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
  return { ...note.data, running: note.data.ended === null && (stillLives(note.data.process, self) ?? false) };
}

export function writeNote(run: string, note: JobNote): void {
  writeFileAtomic(notePath(run), `${JSON.stringify(note, null, 2)}\n`);
}
