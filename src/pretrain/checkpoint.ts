/**
 * Checkpoints: safetensors with the parameters under their state dict names, the optimiser's moments beside them, and the
 * configuration and step in the metadata. Equal states give equal bytes.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, configSchema } from '../config/index.js';
import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import type { Tensor } from '../core/tensor.js';
import { type ParameterSpec, packParameters, unpackParameters } from '../nn/index.js';
import { loadSafetensors, toFloat32, writeSafetensors } from '../weights/index.js';

export interface Checkpoint {
  readonly step: number;
  readonly config: Config;
  /** `theta` and the moments, flat. */
  readonly state: ReadonlyMap<string, Float32Array>;
}

const FILE = /^step-(\d{8})\.safetensors$/;

/** Writes `step-XXXXXXXX.safetensors` and removes all but the last `keep`. Returns the path. */
export function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  specs: readonly ParameterSpec[],
  keep: number,
): string {
  const path = join(folder, `step-${String(checkpoint.step).padStart(8, '0')}.safetensors`);
  const tensors: [string, Tensor][] = [];
  for (const [part, flat] of checkpoint.state) {
    for (const [name, value] of unpackParameters(flat, specs)) {
      tensors.push([part === 'theta' ? name : `optimizer.${part}.${name}`, value]);
    }
  }
  const metadata = { format: 'cover-ts', step: String(checkpoint.step), config: JSON.stringify(checkpoint.config) };
  writeFileAtomic(path, writeSafetensors(tensors, metadata));
  for (const old of checkpointFiles(folder).slice(0, -keep)) rmSync(join(folder, old));
  return path;
}

function checkpointFiles(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => FILE.test(name))
        .sort()
    : [];
}

/**
 * The path of the newest checkpoint of a run folder.
 * @throws InputError ('checkpoint') when there is none; lists what was found
 */
export function latestCheckpoint(run: string): string {
  const folder = join(run, 'checkpoints');
  const latest = checkpointFiles(folder).at(-1);
  if (latest) return join(folder, latest);
  const found = existsSync(run) ? readdirSync(run).join(', ') || 'nothing' : 'no such folder';
  throw new InputError(
    'checkpoint',
    `${run}: expected checkpoints/step-*.safetensors, found ${found}`,
    'Name the folder of a run that has written a checkpoint.',
  );
}

/** @throws InputError when the file is no checkpoint of this program or its parameters have other shapes */
export function loadCheckpoint(path: string, specsOf: (config: Config) => readonly ParameterSpec[]): Checkpoint {
  const { tensors, metadata } = loadSafetensors(path);
  const parsed = configSchema.safeParse(parseJson(metadata.config));
  if (metadata.format !== 'cover-ts' || !parsed.success) {
    throw new InputError(
      'checkpoint',
      `${path}: this is not a checkpoint of a run`,
      'Use `--init-from` for weights alone.',
    );
  }
  const specs = specsOf(parsed.data);
  const named = new Map([...tensors].map(([name, stored]) => [name, toFloat32(stored)]));
  const state = new Map([['theta', packParameters(named, specs)]]);
  for (const part of new Set([...named.keys()].flatMap((name) => name.match(/^optimizer\.(\w+?)\./)?.[1] ?? []))) {
    const prefix = `optimizer.${part}.`;
    const own = [...named].filter(([name]) => name.startsWith(prefix));
    state.set(part, packParameters(new Map(own.map(([name, value]) => [name.slice(prefix.length), value])), specs));
  }
  return { step: Number(metadata.step), config: parsed.data, state };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
