/**
 * A pretrained network on disk, as everything after pretraining wants it: its configuration and its parameters. A run
 * folder, a checkpoint, an exported and an imported file are read in one way; the optimiser's state is left behind.
 */
import { statSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { type ParameterSpec, packParameters, unpackParameters } from '../nn/index.js';
import { storedSettings } from '../train/stored-settings.js';
import { loadSafetensors, toFloat32, writeSafetensors } from '../weights/index.js';
import { backboneSpecs } from './backbone.js';
import { latestCheckpoint } from './checkpoint.js';
import { type Config, configSchema } from './config-index.js';
import { type CoverOptions, coverSpecs } from './cover/step.js';
import { coverOptions } from './methods.js';

export interface Model {
  readonly config: Config;
  /** The network's options within the configuration. */
  readonly cover: CoverOptions;
  /** The parameters of `theta`, in its order, under the names of the authors' state dict. */
  readonly specs: readonly ParameterSpec[];
  /** All parameters, flat. */
  readonly theta: Float32Array;
  /** Whether the projections are there, which a displacement field needs; features need the backbone alone. */
  readonly hasProjections: boolean;
  /** Steps of training behind the parameters; 0 where the file does not say. */
  readonly step: number;
  /** The file that was read. */
  readonly source: string;
}

/**
 * Reads a pretrained network.
 * @param path a run folder (its newest checkpoint), a checkpoint, or a file of `cover export` or `cover import`
 * @throws InputError ('checkpoint') where nothing is found or the file says nothing of its network, ('weights') where the
 * file cannot be read, a parameter is missing, has another shape or is not finite
 * @example
 * const model = loadModel('runs/xrays');
 * console.log(model.config.model.channels, model.step);
 */
export function loadModel(path: string): Model {
  const file = fileOf(path);
  if (/\.(pth|pt|ckpt)$/i.test(file)) {
    throw new InputError(
      'checkpoint',
      `${file}: expected a run folder or a .safetensors file, found a PyTorch checkpoint`,
      `Import it first: cover import ${file} -o model.safetensors`,
    );
  }
  const { tensors, metadata } = loadSafetensors(file);
  const parsed = configSchema.safeParse(storedSettings(parseJson(metadata.config)));
  if (metadata.task !== undefined) {
    throw new InputError(
      'checkpoint',
      `${file}: expected a pretrained network, found one that was fine-tuned for ${metadata.task}`,
      'Name the pretraining run. Fine-tuned networks are for cover segment, evaluate and export.',
    );
  }
  if (!parsed.success) {
    throw new InputError(
      'checkpoint',
      `${file}: expected weights with their configuration, found weights alone`,
      `Import them first: cover import ${file} -o model.safetensors`,
    );
  }
  const named = new Map([...tensors].map(([name, stored]) => [name, toFloat32(stored)]));
  return createModel(parsed.data, named, { step: Number(metadata.step) || 0, source: file });
}

/**
 * A network from named tensors; names that it has no parameter for are left out.
 * @param named the whole backbone, and either all projections or none
 * @throws InputError ('weights') where a parameter is missing, has another shape or is not finite
 */
export function createModel(
  config: Config,
  named: ReadonlyMap<string, Tensor>,
  { step = 0, source = '' }: { readonly step?: number; readonly source?: string } = {},
): Model {
  const cover = coverOptions(config);
  const hasProjections = config.method === 'cover' && [...named.keys()].some((name) => name.startsWith('proj.'));
  const specs = hasProjections ? coverSpecs(cover) : backboneSpecs(cover);
  const theta = packParameters(named, specs);
  for (const [name, { data }] of unpackParameters(theta, specs)) {
    const value = data.find((element) => !Number.isFinite(element));
    if (value === undefined) continue;
    throw new InputError(
      'weights',
      `${source}: the parameter "${name}" holds ${value}`,
      'Choose an earlier checkpoint.',
    );
  }
  return { config, cover, specs, theta, hasProjections, step, source };
}

/** The named tensors of a network, in the order of the authors' state dict; they share the memory of `theta`. */
export function namedParameters({ theta, specs }: Model): Map<string, Tensor> {
  return unpackParameters(theta, specs);
}

/** The same network without its projections. */
export function backboneOf(model: Model): Model {
  const specs = backboneSpecs(model.cover);
  return { ...model, specs, theta: packParameters(namedParameters(model), specs), hasProjections: false };
}

/** The bytes of a safetensors file that `loadModel` reads: the parameters, with the configuration in the metadata. */
export function modelBytes(model: Model): Uint8Array {
  const { config, step } = model;
  const metadata = { format: 'cover-ts', method: config.method, step: String(step), config: JSON.stringify(config) };
  return writeSafetensors(namedParameters(model), metadata);
}

function fileOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat) return stat.isDirectory() ? latestCheckpoint(path) : path;
  throw new InputError(
    'checkpoint',
    `${path}: expected a run folder or a .safetensors file, found nothing of that name`,
    'Check the path, and the folder that it starts from.',
  );
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
