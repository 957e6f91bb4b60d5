/**
 * Files that cannot be used: a command over many goes on after one, lists them at the end, and ends with an exit code
 * of 1. `--strict` stops at the first.
 */
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { type ErrorCode, InputError } from '../core/errors.js';
import { printable, printableMessage } from '../core/printable.js';
import type { Output } from './output.js';

export interface Failure {
  readonly file: string;
  readonly message: string;
}

export interface Failures {
  readonly list: readonly Failure[];
  /** What the work gives; undefined where the file cannot be used. */
  attempt<T>(file: string, work: () => Promise<T>): Promise<T | undefined>;
  /**
   * For work that goes on by itself: notes the failure.
   * @throws the error where it is not one of a file, or `--strict`
   */
  note(file: string, error: unknown): void;
  /** Work that ends with an error of its own where nothing could be used: what failed is listed before it. */
  listed<T>(total: number, work: Promise<T>): Promise<T>;
  /** Lists what failed and sets the exit code. @param total how many files there were */
  finish(total: number): void;
}

/** Errors of one file; others concern all. */
const OF_FILES: readonly ErrorCode[] = ['image', 'data', 'shape', 'memory'];

export const strictOption = () => new Option('--strict', 'stop at the first file that cannot be used');

/** `--strict`, where a command takes many files. */
export function withStrict(command: Command): Command {
  return command.addOption(strictOption());
}

export function createFailures(output: Output, strict = false): Failures {
  const list: Failure[] = [];
  const note = (file: string, error: unknown) => {
    if (strict || !(error instanceof InputError) || !OF_FILES.includes(error.code)) throw error;
    list.push({ file, message: error.message });
    output.warn(`failed: ${printable(basename(file))}`);
  };
  const finish = (total: number) => {
    if (list.length === 0) return;
    process.exitCode = 1;
    output.warn(`\n${list.length} of ${Math.max(total, list.length)} files could not be used:`);
    for (const { message } of list) output.warn(printableMessage(message));
  };
  return {
    list,
    note,
    finish,
    async listed(total, work) {
      try {
        return await work;
      } catch (error) {
        finish(total);
        throw error;
      }
    },
    async attempt(file, work) {
      try {
        return await work();
      } catch (error) {
        note(file, error);
        return undefined;
      }
    },
  };
}
