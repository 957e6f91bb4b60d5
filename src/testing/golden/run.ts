/** Runs golden cases of a folder. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/errors.js';
import type { Engine } from '../../engine/index.js';
import type { Target } from '../../graph/index.js';
import type { GoldenHandler } from './case.js';
import { checkpointHandlers } from './checkpoints.js';
import { operatorHandlers } from './operators.js';
import { optimizerHandlers } from './optimizers.js';
import { type GoldenOutcome, type IndexEntry, outcomeOf } from './outcome.js';
import { trainingHandlers } from './training.js';
import { viewHandlers } from './views.js';
import { weightsHandlers } from './weights.js';

/** All handlers by `op`. `target` is how operators are built; another than the device's own shows its formulations. */
export function goldenHandlers(engine: Engine, target: Target = engine.target): Record<string, GoldenHandler> {
  return {
    ...operatorHandlers(engine, target),
    ...optimizerHandlers(engine),
    ...trainingHandlers(engine, target),
    ...viewHandlers,
    ...weightsHandlers,
    ...checkpointHandlers(engine, target),
  };
}

/** The entries of a folder's `index.json`. */
export function readIndex(folder: string): IndexEntry[] {
  const path = join(folder, 'index.json');
  if (!existsSync(path)) throw new InputError('file', `${path}: there is no golden index here`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: IndexEntry[] }).cases;
}

export function runCase(
  folder: string,
  entry: IndexEntry,
  handlers: Readonly<Record<string, GoldenHandler>>,
): Promise<GoldenOutcome> {
  return outcomeOf({ folder, read: (file) => readFileSync(join(folder, file)) }, entry, handlers);
}
