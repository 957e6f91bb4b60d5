/**
 * Checkpoints: safetensors with the parameters under their state dict names, the optimiser's moments beside them, and the
 * configuration, the step and the best look so far in the metadata. Equal states give equal bytes. Beside the last few
 * stands `best.safetensors`, a copy of the checkpoint that is the best on the validation samples.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { type ParameterSpec, packParameters, unpackParameters } from '../nn/index.js';
import { copyFileAtomic, writeFileAtomic } from '../system/files.js';
import { storedSettings } from '../train/stored-settings.js';
import { loadSafetensors, safetensorsParts, toFloat32 } from '../weights/index.js';
import { type Config, configSchema } from './config-index.js';

/** The step with the least criterion of its method on the validation samples, and the criterion under its name. */
export type Best = Readonly<Record<string, number>> & { readonly step: number };

export interface Checkpoint {
  readonly step: number;
  readonly config: Config;
  /** Null before the first look, and where there are no validation samples. */
  readonly best: Best | null;
  /** `theta` and the moments, flat. */
  readonly state: ReadonlyMap<string, Float32Array>;
}

const FILE = /^step-(\d{8})\.safetensors$/;

const BEST = 'best.safetensors';

/**
 * Writes `step-XXXXXXXX.safetensors`, copies it to `best.safetensors` where its step is the best, and removes all but the
 * last `keep`. Returns the path.
 * @throws InputError ('diverged') when a value of the state is not finite, ('file') when it cannot be written; in both cases
 * the files that were there stay as they were
 */
export function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  specs: readonly ParameterSpec[],
  keep: number,
): string {
  const path = join(folder, fileName(checkpoint.step));
  checkFinite(checkpoint);
  const tensors: [string, Tensor][] = [];
  for (const [part, flat] of checkpoint.state) {
    for (const [name, value] of unpackParameters(flat, specs)) {
      tensors.push([part === 'theta' ? name : `optimizer.${part}.${name}`, value]);
    }
  }
  writeFileAtomic(path, safetensorsParts(tensors, metadataOf(checkpoint)));
  copyBest(folder, checkpoint);
  for (const old of checkpointFiles(folder).slice(0, -keep)) rmSync(join(folder, old));
  return path;
}

/**
 * Makes `best.safetensors` a copy of the checkpoint of the best step, where that is this checkpoint. It follows the
 * checkpoint itself, so a run that was killed between the two is put right by calling this again.
 */
export function copyBest(folder: string, { step, best }: Pick<Checkpoint, 'step' | 'best'>): void {
  if (best?.step === step) copyFileAtomic(join(folder, fileName(step)), join(folder, BEST));
}

/** The path of the best checkpoint of a run folder; undefined where the run has not looked at validation pairs. */
export function bestCheckpoint(run: string): string | undefined {
  const path = join(run, 'checkpoints', BEST);
  return existsSync(path) ? path : undefined;
}

function fileName(step: number): string {
  return `step-${String(step).padStart(8, '0')}.safetensors`;
}

function metadataOf({ step, config, best }: Checkpoint): Record<string, string> {
  const metadata = { format: 'cover-ts', method: config.method, step: String(step), config: JSON.stringify(config) };
  return best ? { ...metadata, best: JSON.stringify(best) } : metadata;
}

function checkFinite({ step, state }: Checkpoint): void {
  for (const [part, flat] of state) {
    const bad = flat.find((value) => !Number.isFinite(value));
    if (bad === undefined) continue;
    const what = part === 'theta' ? 'the parameters' : `the optimiser's ${part}`;
    throw new InputError('diverged', `step ${step}: expected finite values in ${what}, found ${bad}`);
  }
}

function checkpointFiles(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => FILE.test(name))
        .sort()
    : [];
}

/** Whether a run folder holds a checkpoint to go on from. */
export function hasCheckpoint(run: string): boolean {
  return checkpointFiles(join(run, 'checkpoints')).length > 0;
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
  const parsed = configSchema.safeParse(storedSettings(parseJson(metadata.config)));
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
  const best = metadata.best === undefined ? null : (parseJson(metadata.best) as Best);
  return { step: Number(metadata.step), config: parsed.data, best, state };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
