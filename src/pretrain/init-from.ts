/**
 * Initial weights from elsewhere: a run folder, a checkpoint, any safetensors or a PyTorch file. Weights alone are taken;
 * moments, step and schedule start anew. What became of every parameter is kept in `transfer.json`.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { initialParameters, type ParameterSpec, packParameters, unpackParameters } from '../nn/index.js';
import { writeFileAtomic } from '../system/files.js';
import { loadWeights, type TransferReport, transfer } from '../weights/index.js';
import { bestCheckpoint, latestCheckpoint } from './checkpoint.js';

export interface InitialWeights {
  /** All parameters, flat. */
  readonly theta: Float32Array;
  /** The file that was read. */
  readonly file: string;
  readonly report: TransferReport;
}

/** What trainers put before the names of the backbone. */
const BACKBONE = 'backbone.';

/**
 * @param source a run folder (its best checkpoint, or the latest where it has none) or a file of weights
 * @param specs the network's parameters; one that the source has not, or has in another shape, is drawn with `seed`
 * @throws InputError ('weights') when the file is missing, is not valid, or fits no parameter
 */
export function initialWeightsFrom(source: string, specs: readonly ParameterSpec[], seed: number): InitialWeights {
  const file = fileOf(source);
  const target = new Map(specs.map(({ name, shape }) => [name, shape]));
  const { tensors, ...report } = transfer(named(loadWeights(file), target), target);
  const fresh = unpackParameters(initialParameters(specs, seed), specs);
  for (const [name, value] of tensors) checkFinite(file, name, value);
  const theta = packParameters(new Map([...fresh, ...tensors]), specs);
  return { theta, file, report };
}

/** Writes `transfer.json`: the file, and the parameters that were loaded or not, with the reason. */
export function writeTransferRecord(folder: string, { file, report }: InitialWeights): void {
  writeFileAtomic(join(folder, 'transfer.json'), `${JSON.stringify({ file, ...report }, null, 2)}\n`);
}

function fileOf(source: string): string {
  const stats = statSync(source, { throwIfNoEntry: false });
  return stats?.isDirectory() ? (bestCheckpoint(source) ?? latestCheckpoint(source)) : source;
}

/** The tensors under the network's names: without an optimiser's, and with `backbone.` where the source has a backbone alone. */
function named(
  tensors: ReadonlyMap<string, Tensor>,
  target: ReadonlyMap<string, readonly number[]>,
): Map<string, Tensor> {
  const weights = [...tensors].filter(([name]) => !name.startsWith('optimizer.'));
  const bare = weights.some(([name]) => target.has(BACKBONE + name)) && !weights.some(([name]) => target.has(name));
  return new Map(weights.map(([name, value]) => [bare ? BACKBONE + name : name, value]));
}

function checkFinite(file: string, name: string, { data }: Tensor): void {
  const bad = data.find((value) => !Number.isFinite(value));
  if (bad === undefined) return;
  throw new InputError(
    'weights',
    `${file}: expected finite values in "${name}", found ${bad}`,
    'Choose an earlier checkpoint of that run.',
  );
}
