/** Runs golden cases: computes, compares by the case's own tolerance, and says how far off the worst value is. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import type { Target } from '../../graph/index.js';
import { readSafetensors, toFloat32 } from '../../weights/safetensors.js';
import type { GoldenCase, GoldenCheck, GoldenHandler } from './case.js';
import { operatorHandlers } from './operators.js';
import { trainingHandlers } from './training.js';
import { viewHandlers } from './views.js';
import { weightsHandlers } from './weights.js';

export interface GoldenOutcome {
  readonly name: string;
  readonly op: string;
  readonly passed: boolean;
  /** The worst error as a share of what is allowed, and what it was found in. */
  readonly worst: GoldenCheck | null;
  readonly problem?: string;
}

interface IndexEntry {
  readonly name: string;
  readonly file?: string;
  readonly op: string;
  readonly params?: Record<string, unknown>;
  readonly tolerance?: Record<string, unknown>;
}

/** All handlers by `op`. `target` is how operators are built; another than the device's own shows its formulations. */
export function goldenHandlers(engine: Engine, target: Target = engine.target): Record<string, GoldenHandler> {
  const graphs = { ...operatorHandlers(engine, target), ...trainingHandlers(engine, target) };
  return { ...graphs, ...viewHandlers, ...weightsHandlers };
}

/** The entries of a folder's `index.json`. */
export function readIndex(folder: string): IndexEntry[] {
  const path = join(folder, 'index.json');
  if (!existsSync(path)) throw new InputError('file', `${path}: there is no golden index here`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: IndexEntry[] }).cases;
}

export async function runCase(
  folder: string,
  entry: IndexEntry,
  handlers: Readonly<Record<string, GoldenHandler>>,
): Promise<GoldenOutcome> {
  const { name, op } = entry;
  const fail = (problem: string): GoldenOutcome => ({ name, op, passed: false, worst: null, problem });
  const handler = handlers[op];
  if (!handler) return fail(`the op "${op}" is not known`);
  try {
    const golden = readCase(folder, entry);
    const { tensors = {}, checks = [] } = await handler(golden);
    const all = [...checks];
    for (const [key, expected] of golden.tensors) {
      if (!/^(out|grad)\./.test(key)) continue;
      const found = tensors[key];
      if (!found) return fail(`${key} was not computed`);
      all.push(compare(key, found, expected, golden.tolerance));
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

function readCase(folder: string, entry: IndexEntry): GoldenCase {
  const tensors = new Map<string, Tensor>();
  if (entry.file?.endsWith('.safetensors')) {
    const path = join(folder, entry.file);
    for (const [name, stored] of readSafetensors(readFileSync(path), path).tensors)
      tensors.set(name, toFloat32(stored));
  }
  const { name, op, params = {}, tolerance = {} } = entry;
  return { name, op, params, tensors, tolerance, folder };
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
