/**
 * What a worker and the calling thread have in common: the module that makes samples, and errors that cross a thread
 * without losing their kind.
 */
import { pathToFileURL } from 'node:url';
import { type ErrorCode, InputError } from '../core/errors.js';
import type { SampleKey } from './batch.js';

/**
 * What a sample module exports as `makeSample`: the fields of one sample, as many and as long for every key. `context`
 * is the same object for all calls in a thread, so that an open file can be kept in a WeakMap under it.
 */
export type MakeSample<Context = unknown> = (
  context: Context,
  key: SampleKey,
) => readonly Float32Array[] | Promise<readonly Float32Array[]>;

/** Imports the module and takes `makeSample` from it. */
export async function loadModule(module: string): Promise<MakeSample> {
  const loaded = (await import(module)) as Record<string, unknown>;
  if (typeof loaded.makeSample !== 'function') throw new Error(`${module} exports no function makeSample`);
  return loaded.makeSample as MakeSample;
}

/** A module as an address that can be imported from anywhere. */
export function moduleAddress(module: URL | string): string {
  if (module instanceof URL) return module.href;
  return /^[a-z][a-z0-9+.-]+:/i.test(module) ? module : pathToFileURL(module).href;
}

/** The fields of one sample. @throws Error when a field is not a Float32Array. */
export async function makeFields(make: MakeSample, context: unknown, key: SampleKey): Promise<readonly Float32Array[]> {
  const fields = await make(context, key);
  if (!Array.isArray(fields) || !fields.every((field) => field instanceof Float32Array)) {
    throw new Error('expected a list of Float32Array from makeSample');
  }
  return fields;
}

/** An error as plain data. */
export interface PlainError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: ErrorCode | undefined;
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, code: undefined };
  return { message: error.message, stack: error.stack, code: error instanceof InputError ? error.code : undefined };
}

export function fromPlainError({ message, stack, code }: PlainError): Error {
  const error = code ? new InputError(code, message) : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
