/**
 * What a command prints: lines for a reader, or with `--json` one JSON value for a program and nothing else, or with
 * `--quiet` nothing. Warnings and errors go to the error stream in every case.
 */
import type { Command } from 'commander';
import { printableLines } from '../core/printable.js';
import { createProgress, type Progress } from './progress.js';

export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface Output {
  /** Work that goes on; silent where lines are. */
  readonly progress: Progress;
  line(text: string): void;
  /** What `--json` prints, at the end. */
  result(value: unknown): void;
  warn(text: string): void;
}

/** `--json` and `--quiet`. */
export function withOutput(command: Command): Command {
  return command.option('--json', 'print the result as JSON, and nothing else').option('--quiet', 'print errors alone');
}

export function createOutput({ json = false, quiet = false }: OutputFlags): Output {
  const silent = json || quiet;
  const progress = createProgress(silent ? { write: () => true, isTTY: false, columns: 80 } : process.stdout);
  return {
    progress,
    line: (text) => progress.line(text),
    result(value) {
      progress.end();
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    warn(text) {
      progress.end();
      console.error(printableLines(text));
    },
  };
}
