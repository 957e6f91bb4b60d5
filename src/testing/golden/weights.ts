/** Golden cases of the readers of weights: PyTorch checkpoints against the same tensors in safetensors, bit for bit. */
import { join } from 'node:path';
import { loadPth } from '../../weights/files.js';
import { type StoredTensor, toFloat32 } from '../../weights/index.js';
import { isTensor, type PickleValue, stateDictOf } from '../../weights/pth.js';
import type { GoldenCase, GoldenCheck, GoldenHandler } from './case.js';

export const weightsHandlers: Record<string, GoldenHandler> = {
  checkpoint_edge: async (golden) => ({ checks: edgeChecks(golden) }),
};

/** An entry of `params.expected` of the case with unusual tensors. */
interface ExpectedTensor {
  readonly dtype?: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const DTYPES: Readonly<Record<string, string>> = { float16: 'F16', float32: 'F32', float64: 'F64', int64: 'I64' };

function edgeChecks(golden: GoldenCase): GoldenCheck[] {
  const state = stateDictOf(loadPth(join(golden.folder, `${golden.name}.pth`)).root);
  const expected = golden.params.expected as Record<string, ExpectedTensor>;
  return Object.entries(expected).map(([name, { dtype = 'float32', shape, values }]) => {
    const found = state.get(name);
    const same =
      found !== undefined &&
      found.dtype === DTYPES[dtype] &&
      `${found.shape}` === `${shape}` &&
      equalValues(valuesOf(found), values);
    return exact(name, same ? 0 : 1);
  });
}

/**
 * Compares the three `.pth` files of a `checkpoint` case (zip, legacy and bare state_dict) with the tensors `state.*`,
 * `optim.exp_avg.*` and `optim.exp_avg_sq.*` of its safetensors file. The error of a check is the number of tensors
 * that differ in shape or in any bit, are missing or are too many.
 */
export function readCheckpointTwin(golden: GoldenCase): GoldenCheck[] {
  const load = (param: string): PickleValue => loadPth(join(golden.folder, golden.params[param] as string)).root;
  const zip = load('checkpoint_zip');
  const legacy = load('checkpoint_legacy');
  const bare = stateDictOf(load('bare_state_dict'));
  return [
    ...checkpointChecks('zip', zip, golden),
    ...checkpointChecks('legacy', legacy, golden),
    exact('bare state_dict', bareDifferences(bare, golden)),
  ];
}

function checkpointChecks(format: string, root: PickleValue, golden: GoldenCase): GoldenCheck[] {
  const epoch = root instanceof Map ? root.get('epoch') : undefined;
  const names = golden.params.parameters_order as readonly string[];
  return [
    exact(`${format} epoch`, epoch === golden.params.epoch ? 0 : 1),
    exact(`${format} state_dict`, differences(stateDictOf(root), twins(golden, 'state.'))),
    ...['exp_avg', 'exp_avg_sq'].map((moment) =>
      exact(`${format} ${moment}`, differences(moments(root, moment, names), twins(golden, `optim.${moment}.`))),
    ),
    exact(`${format} step`, stepDifferences(root, names, golden.params.optimizer_step as number)),
  ];
}

/** The Adam state of every parameter, by the parameter's name; state index i is position i of `names`. */
function moments(root: PickleValue, moment: string, names: readonly string[]): Map<string, StoredTensor> {
  const found = new Map<string, StoredTensor>();
  names.forEach((name, index) => {
    const value = optimizerState(root, index)?.get(moment);
    if (isTensor(value)) found.set(name, value);
  });
  return found;
}

function stepDifferences(root: PickleValue, names: readonly string[], expected: number): number {
  return names.filter((_, index) => {
    const step = optimizerState(root, index)?.get('step');
    return !isTensor(step) || !equalValues(valuesOf(step), [expected]);
  }).length;
}

function optimizerState(root: PickleValue, index: number): Map<PickleValue, PickleValue> | undefined {
  let value: PickleValue | undefined = root;
  for (const key of ['optimizer', 'state', index]) value = value instanceof Map ? value.get(key) : undefined;
  return value instanceof Map ? value : undefined;
}

/** The file of the projection heads holds everything but the backbone. */
function bareDifferences(bare: ReadonlyMap<string, StoredTensor>, golden: GoldenCase): number {
  const expected = [...twins(golden, 'state.')].filter(([name]) => !name.startsWith('backbone.'));
  return differences(bare, new Map(expected));
}

/** The tensors of the twin under a prefix, as bytes. */
function twins(golden: GoldenCase, prefix: string): Map<string, Bits> {
  const found = new Map<string, Bits>();
  for (const [name, { shape, data }] of golden.tensors) {
    if (!name.startsWith(prefix)) continue;
    found.set(name.slice(prefix.length), { shape, bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength) });
  }
  return found;
}

interface Bits {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

function differences(found: ReadonlyMap<string, Bits>, expected: ReadonlyMap<string, Bits>): number {
  const names = new Set([...found.keys(), ...expected.keys()]);
  return [...names].filter((name) => {
    const a = found.get(name);
    const b = expected.get(name);
    return !a || !b || `${a.shape}` !== `${b.shape}` || Buffer.compare(a.bytes, b.bytes) !== 0;
  }).length;
}

/** int64 and float64 keep their full precision. */
function valuesOf(stored: StoredTensor): number[] {
  const { dtype, bytes } = stored;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / 8;
  if (dtype === 'I64') return Array.from({ length: count }, (_, index) => Number(view.getBigInt64(8 * index, true)));
  if (dtype === 'F64') return Array.from({ length: count }, (_, index) => view.getFloat64(8 * index, true));
  return [...toFloat32(stored).data];
}

function equalValues(found: readonly number[], expected: readonly number[]): boolean {
  return found.length === expected.length && found.every((value, index) => Object.is(value, expected[index]));
}

function exact(what: string, error: number): GoldenCheck {
  return { what, error, allowed: 0 };
}
