/**
 * The error catalogue. A message says what was expected, what was found (with the file or the value) and what to do
 * next. `InputError` is the user's to mend; `invariant` guards against mistakes of our own.
 */

/** The kinds of error a user can meet. */
export type ErrorCode =
  | 'shape'
  | 'config'
  | 'data'
  | 'image'
  | 'weights'
  | 'checkpoint'
  | 'engine'
  | 'memory'
  | 'file'
  | 'bench'
  | 'cluster'
  | 'diverged';

/** An error that the user can act on. `hint` says what to do next and is part of the message. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, hint?: string, options?: { cause?: unknown }) {
    super(hint ? `${message}\n  ${hint}` : message, options);
    this.code = code;
  }
}

/**
 * What is wrong with some data, in a line, for a report that goes on with the next file.
 * @param file is left out where the line begins with it
 * @throws the error itself where it says nothing of the data: one of our own, or a codec that cannot be loaded
 */
export function faultOf(error: unknown, file = ''): string {
  if (!(error instanceof InputError) || error.code === 'engine') throw error;
  const [line = ''] = error.message.split('\n', 1);
  return file && line.startsWith(`${file}: `) ? line.slice(file.length + 2) : line;
}

/** Whether a training went to NaN or infinity. */
export function isDivergence(error: unknown): error is InputError {
  return error instanceof InputError && error.code === 'diverged';
}

/** Throws when a condition that the project itself must guarantee does not hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message}`);
}
