/**
 * Runs a command line. An error that the user can act on is printed as it is; of any other one line is printed, and the
 * rest goes to a file that can be sent to the developers. Where nobody reads the output any more, the work goes on.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../core/errors.js';
import { printableMessage } from '../core/printable.js';
import { packageVersion } from './version.js';

/** For the whole process: a reader that goes away, and what goes wrong in a stream that nobody awaits. */
export function guardProcess(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  process.on('uncaughtException', (error) => {
    tell(error);
    process.exit(1);
  });
}

export async function parse(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    tell(error);
    process.exitCode = 1;
  }
}

/** A reader that has gone away, as in `cover doctor data | head`. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Prints an error to the error stream. */
export function tell(error: unknown): void {
  if (error instanceof InputError) console.error(`error: ${printableMessage(error.message)}`);
  else console.error(unexpected(error));
}

/** @returns what to print of an error of the program's own */
function unexpected(error: unknown): string {
  const [message, stack] = error instanceof Error ? [error.message, error.stack] : [String(error), String(error)];
  const line = printableMessage(message).split('\n')[0];
  const report = [`cover ${packageVersion()}, Node ${process.version}, ${process.platform} ${process.arch}`];
  report.push(`command: ${JSON.stringify(process.argv.slice(2))}`, stack ?? message);
  try {
    const file = join(mkdtempSync(join(tmpdir(), 'cover-error-')), 'error.txt');
    writeFileSync(file, `${report.join('\n')}\n`);
    return `error: unexpected, cover ${packageVersion()}: ${line}\n  The details are in ${file}; please report them.`;
  } catch {
    return `error: unexpected, cover ${packageVersion()}: ${line}`;
  }
}
