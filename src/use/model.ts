/**
 * A pretrained network as everything after pretraining wants it: its configuration and its parameters. A checkpoint, an
 * exported and an imported file are read in one way; the optimiser's state is left behind.
 */
import { InputError } from '../core/errors.js';
import { notFinite } from '../core/finite.js';
import type { Tensor } from '../core/tensor.js';
import { type ParameterSpec, packParameters, unpackParameters } from '../nn/index.js';
import { type BackboneOptions, backboneSpecs } from '../pretrain/backbone.js';
import { type Config, configSchema } from '../pretrain/config.js';
import { methodOf } from '../pretrain/methods.js';
import { networkOptions } from '../pretrain/network-options.js';
import { storedStep } from '../train/checkpoint.js';
import { storedConfig } from '../train/stored-settings.js';
import { type WeightFile, writeSafetensors } from '../weights/index.js';

export interface Model {
  readonly config: Config;
  /** What the configuration says of the backbone. */
  readonly backbone: BackboneOptions;
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
 * @param weights a checkpoint of a run, or a file of `cover export` or `cover import`
 * @throws InputError ('checkpoint') where the file says nothing of its network, ('weights') where a parameter is
 * missing, has another shape or is not finite
 */
export function modelOf({ file, tensors, metadata }: WeightFile): Model {
  refusePickle(file);
  const parsed = configSchema.safeParse(storedConfig(metadata.config));
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
  return createModel(parsed.data, tensors, { step: storedStep(metadata.step, file), source: file });
}

/** A PyTorch checkpoint says nothing of its network. @throws InputError ('checkpoint') for a file of that name */
export function refusePickle(file: string): void {
  if (!/\.(pth|pt|ckpt)$/i.test(file)) return;
  throw new InputError(
    'checkpoint',
    `${file}: expected a run folder or a .safetensors file, found a PyTorch checkpoint`,
    `Import it first: cover import ${file} -o model.safetensors`,
  );
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
  const { specs, hasProjections } = keptSpecs(config, named);
  const theta = packParameters(named, specs);
  for (const [name, { data }] of unpackParameters(theta, specs)) {
    const value = notFinite(data);
    if (value === undefined) continue;
    throw new InputError(
      'weights',
      `${source}: the parameter "${name}" holds ${value}`,
      'Choose an earlier checkpoint.',
    );
  }
  return { config, backbone: networkOptions(config), specs, theta, hasProjections, step, source };
}

/**
 * The parameters that are kept of named tensors: all of a method's where it predicts displacements with parameters of
 * its own, and some of these are there; else the backbone's.
 */
export function keptSpecs(
  config: Config,
  named: ReadonlyMap<string, unknown>,
): { readonly specs: readonly ParameterSpec[]; readonly hasProjections: boolean } {
  const backbone = backboneSpecs(networkOptions(config));
  const { flows, specs } = methodOf(config);
  const own = new Set(specs.map(({ name }) => name));
  for (const { name } of backbone) own.delete(name);
  const hasProjections = flows !== undefined && [...own].some((name) => named.has(name));
  return { specs: hasProjections ? specs : backbone, hasProjections };
}

/** The named tensors of a network, in the order of the authors' state dict; they share the memory of `theta`. */
export function namedParameters({ theta, specs }: Model): Map<string, Tensor> {
  return unpackParameters(theta, specs);
}

/** The same network without its projections. */
export function backboneOf(model: Model): Model {
  const specs = backboneSpecs(model.backbone);
  return { ...model, specs, theta: packParameters(namedParameters(model), specs), hasProjections: false };
}

/** The bytes of a safetensors file that `loadModel` reads: the parameters, with the configuration in the metadata. */
export function modelBytes(model: Model): Uint8Array {
  const { config, step } = model;
  const metadata = { format: 'cover-ts', method: config.method, step: String(step), config: JSON.stringify(config) };
  return writeSafetensors(namedParameters(model), metadata);
}
