/**
 * The process that watches over one training: it starts `cover` with the arguments that it is given, passes a signal
 * on, and writes down how the training ended. It belongs to no server.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { coverCommand } from '../../../system/command.js';
import { ownIdentity } from '../../../system/process-identity.js';
import { type JobNote, logPath, writeNote } from '../runs/job.js';

const [run, ...args] = process.argv.slice(2) as [string, ...string[]];
const log = openSync(logPath(run), 'w');
/** How `cover` ends when a signal told it to, after its checkpoint. */
const STOPPED = [129, 130, 143];
let note: JobNote = {
  args,
  process: ownIdentity(),
  started: Date.now(),
  code: null,
  ended: null,
  stopped: false,
  error: '',
};
writeNote(run, note);
const training = spawn(process.execPath, [coverCommand(), ...args], { stdio: ['ignore', log, log] });
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    note = { ...note, stopped: true };
    training.kill('SIGTERM');
  });
}
training.on('error', (error) => end(1, error.message));
training.on('exit', (code) => {
  const told = code !== null && STOPPED.includes(code);
  if (told) note = { ...note, stopped: true };
  if (told || code === 0) end(0, '');
  else end(code, lastWords());
});

function end(code: number | null, error: string): void {
  note = { ...note, code: code ?? -1, ended: Date.now(), error };
  writeNote(run, note);
  closeSync(log);
  process.exit(0);
}

/** What `cover` said last: its error, or the end of its output. */
function lastWords(): string {
  const text = readFileSync(logPath(run), 'utf8').trimEnd();
  const error = text.lastIndexOf('error: ');
  return (error >= 0 ? text.slice(error + 'error: '.length) : text).slice(-2000) || 'it ended without a word';
}
