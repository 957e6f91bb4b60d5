/**
 * Runs one golden case from its bytes: computes, compares by the case's own tolerance, and says how far off the worst
 * value is.
 */
import type { Tensor } from '../../core/tensor.js';
import { readSafetensors, toFloat32 } from '../../weights/safetensors.js';
import type { GoldenCheck, GoldenHandler } from './case.js';

export interface GoldenOutcome {
  readonly name: string;
  readonly op: string;
  readonly passed: boolean;
  /** The worst error as a share of what is allowed, and what it was found in. */
  readonly worst: GoldenCheck | null;
  readonly problem?: string;
}

/** An entry of a golden `index.json`. */
export interface IndexEntry {
  readonly name: string;
  readonly file?: string;
  readonly op: string;
  readonly params?: Record<string, unknown>;
  readonly tolerance?: Record<string, unknown>;
}

/** Where cases lie. */
export interface GoldenFiles {
  /** For cases that name further files. */
  readonly folder: string;
  read(file: string): Uint8Array | Promise<Uint8Array>;
}

export async function outcomeOf(
  files: GoldenFiles,
  entry: IndexEntry,
  handlers: Readonly<Record<string, GoldenHandler>>,
): Promise<GoldenOutcome> {
  const { name, op, file, params = {}, tolerance = {} } = entry;
  const fail = (problem: string): GoldenOutcome => ({ name, op, passed: false, worst: null, problem });
  const handler = handlers[op];
  if (!handler) return fail(`the op "${op}" is not known`);
  try {
    const stored = file?.endsWith('.safetensors') ? readSafetensors(await files.read(file), file).tensors : [];
    const expected = new Map([...stored].map(([key, value]) => [key, toFloat32(value)]));
    const { folder } = files;
    const golden = { name, op, params, tensors: expected, tolerance, folder };
    const { tensors = {}, checks = [], checked = [] } = await handler(golden);
    const all = [...checks];
    for (const [key, value] of expected) {
      if (!/^(out|grad)\./.test(key) || checked.includes(key)) continue;
      const found = tensors[key];
      if (!found) return fail(`${key} was not computed`);
      all.push(compare(key, found, value, tolerance));
    }
    if (all.length === 0) return fail('nothing was compared');
    const share = (check: GoldenCheck) =>
      check.allowed === 0 ? check.error * Infinity || 0 : check.error / check.allowed;
    const worst = all.reduce((a, b) => (share(b) > share(a) || Number.isNaN(b.error) ? b : a));
    const passed = all.every((check) => check.error <= check.allowed);
    return { name, op, passed, worst };
  } catch (error) {
    return fail((error as Error).message);
  }
}

function compare(
  what: string,
  found: Tensor,
  expected: Tensor,
  tolerance: Readonly<Record<string, unknown>>,
): GoldenCheck {
  if (found.data.length !== expected.data.length)
    return { what: `${what} (another size)`, error: Infinity, allowed: 0 };
  let [error, largest] = [0, 0];
  for (let index = 0; index < expected.data.length; index++) {
    const difference = Math.abs(found.data[index]! - expected.data[index]!);
    if (!(difference <= error)) error = difference;
    largest = Math.max(largest, Math.abs(expected.data[index]!));
  }
  const { abs, max_abs_err_over_max_abs, abs_floor } = tolerance as Record<string, number | undefined>;
  return { what, error, allowed: abs ?? (max_abs_err_over_max_abs ?? 0) * largest + (abs_floor ?? 0) };
}
