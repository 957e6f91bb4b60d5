/** Runs a command line: an error that the user can act on is printed as it is, any other keeps its stack. */
import type { Command } from 'commander';
import { InputError } from '../core/errors.js';

export async function parse(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}
