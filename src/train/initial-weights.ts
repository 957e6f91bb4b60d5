/**
 * Initial weights from elsewhere: a run, a checkpoint, any safetensors or a PyTorch file. Weights alone are taken;
 * moments, step and schedule start anew. What became of every parameter is kept in `transfer.json`.
 */
import { InputError } from '../core/errors.js';
import { notFinite } from '../core/finite.js';
import type { Tensor } from '../core/tensor.js';
import { initialParameters, type ParameterSpec, packParameters, unpackParameters } from '../nn/index.js';
import { nothingMatches, type TransferReport, transfer, type WeightFile } from '../weights/index.js';
import type { RunFolder } from './run-folder.js';

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
 * @param specs the network's parameters; one that the source has not, or has in another shape, is drawn with `seed`
 * @throws InputError ('weights') when the file fits no kernel and no matrix, or holds values that are not finite
 */
export function initialWeights(
  { file, tensors }: WeightFile,
  specs: readonly ParameterSpec[],
  seed: number,
): InitialWeights {
  const target = new Map(specs.map(({ name, shape }) => [name, shape]));
  const source = named(tensors, target);
  const { tensors: taken, ...report } = transfer(source, target);
  // Vectors of equal length are no sign that it is the same network.
  if (![...taken.values()].some(({ shape }) => shape.length > 1)) {
    throw nothingMatches(source, target, report.mismatched);
  }
  const fresh = unpackParameters(initialParameters(specs, seed), specs);
  for (const [name, value] of taken) checkFinite(file, name, value);
  return { theta: packParameters(new Map([...fresh, ...taken]), specs), file, report };
}

/** Writes `transfer.json`: the file, and the parameters that were loaded or not, with the reason. */
export function writeTransferRecord(run: RunFolder, { file, report }: InitialWeights): Promise<void> {
  return run.writeRecord('transfer', { file, ...report });
}

/**
 * The tensors under the network's names: without an optimiser's, and with `backbone.` where the source has a backbone
 * alone.
 */
function named(
  tensors: ReadonlyMap<string, Tensor>,
  target: ReadonlyMap<string, readonly number[]>,
): Map<string, Tensor> {
  const weights = [...tensors].filter(([name]) => !name.startsWith('optimizer.'));
  const bare = weights.some(([name]) => target.has(BACKBONE + name)) && !weights.some(([name]) => target.has(name));
  return new Map(weights.map(([name, value]) => [bare ? BACKBONE + name : name, value]));
}

function checkFinite(file: string, name: string, { data }: Tensor): void {
  const bad = notFinite(data);
  if (bad === undefined) return;
  throw new InputError(
    'weights',
    `${file}: expected finite values in "${name}", found ${bad}`,
    'Choose an earlier checkpoint of that run.',
  );
}
