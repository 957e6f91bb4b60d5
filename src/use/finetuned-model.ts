/** A fine-tuned network on disk, as segmenting, evaluating and exporting want it: configuration, classes, parameters. */
import { statSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { type FinetuneConfig, finetuneSchema } from '../finetune/config.js';
import type { Groups } from '../finetune/gradient-graph.js';
import { type TaskNetwork, taskNetwork } from '../finetune/task.js';
import { isDecoder, packParameters, unetSpecs, unpackParameters } from '../nn/index.js';
import type { ParameterSpec } from '../nn/parameters.js';
import { BACKBONE } from '../pretrain/backbone.js';
import { bestCheckpoint, latestCheckpoint } from '../pretrain/checkpoint.js';
import { storedSettings } from '../train/stored-settings.js';
import { loadSafetensors, toFloat32, writeSafetensors } from '../weights/index.js';

export interface FinetunedModel {
  readonly config: FinetuneConfig;
  /** Names of the classes by index. */
  readonly classes: readonly string[];
  readonly task: TaskNetwork;
  /** Backbone and head. */
  readonly specs: readonly ParameterSpec[];
  /** All parameters, flat. */
  readonly theta: Float32Array;
  readonly step: number;
  /** The file that was read. */
  readonly source: string;
}

/**
 * The parameters of both groups of a complete configuration: what is pretrained, and what begins afresh. With
 * `backbone.transfer: encoder` the decoder begins afresh, and learns as the head does.
 */
export function groupsOf(config: FinetuneConfig): Groups {
  const { data, views, model, backbone } = config;
  const unet = unetSpecs(BACKBONE, data.channels, model.channels, views.crop.length);
  const { head } = taskNetwork(config, []);
  if (backbone.transfer === 'all') return { backbone: unet, head };
  const decoder = unet.filter((spec) => isDecoder(spec, BACKBONE));
  return { backbone: unet.filter((spec) => !decoder.includes(spec)), head: [...decoder, ...head] };
}

/** Whether a file or run folder holds a fine-tuned network. */
export function isFinetuned(path: string): boolean {
  try {
    return loadSafetensors(fileOf(path)).metadata.task !== undefined;
  } catch {
    return false;
  }
}

/**
 * Reads a fine-tuned network.
 * @param path a run folder (its best checkpoint, or the latest where it has none), a checkpoint or an exported .safetensors
 * @throws InputError ('checkpoint') where nothing is found or the file is of another kind, ('weights') where a parameter is
 * missing or has another shape
 * @example const { classes } = loadFinetuned('runs/lungs');
 */
export function loadFinetuned(path: string): FinetunedModel {
  const source = fileOf(path);
  const { tensors, metadata } = loadSafetensors(source);
  const parsed = finetuneSchema.safeParse(storedSettings(JSON.parse(metadata.config ?? 'null')));
  if (metadata.task === undefined || !parsed.success) {
    throw new InputError(
      'checkpoint',
      `${source}: expected a fine-tuned network, found ${metadata.config ? 'a pretrained one' : 'weights alone'}`,
      `Fine-tune it first: cover finetune DATA -o runs/first --from ${path}`,
    );
  }
  const config = parsed.data;
  const { backbone, head } = groupsOf(config);
  const specs = [...backbone, ...head];
  const theta = packParameters(new Map([...tensors].map(([name, stored]) => [name, toFloat32(stored)])), specs);
  const task = taskNetwork(config, []);
  return { config, classes: config.data.classes, task, specs, theta, step: Number(metadata.step), source };
}

/** The bytes of a safetensors file that `loadFinetuned` reads; without moments. */
export function finetunedBytes({ config, specs, theta, step }: FinetunedModel): Uint8Array {
  const metadata = { format: 'cover-ts', task: config.task, step: String(step), config: JSON.stringify(config) };
  return writeSafetensors(unpackParameters(theta, specs), metadata);
}

function fileOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats) return stats.isDirectory() ? (bestCheckpoint(path) ?? latestCheckpoint(path)) : path;
  throw new InputError(
    'checkpoint',
    `${path}: expected a run folder or a .safetensors file, found nothing of that name`,
    'Check the path, and the folder that it starts from.',
  );
}
