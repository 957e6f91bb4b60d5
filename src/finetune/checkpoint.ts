/**
 * Checkpoints of fine-tuning: safetensors with the parameters under their names, the moments of what has learned beside them,
 * and configuration, step and best look in the metadata. They lie where pretraining puts its own, so a run folder is read alike.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { packParameters, unpackParameters } from '../nn/index.js';
import { copyFileAtomic, writeFileAtomic } from '../system/files.js';
import { statePartsOf } from '../train/optimizer.js';
import { storedSettings } from '../train/stored-settings.js';
import { groupsOf } from '../use/finetuned-model.js';
import { loadSafetensors, safetensorsParts, toFloat32 } from '../weights/index.js';
import { type FinetuneConfig, finetuneSchema } from './config.js';
import { type GroupName, type Groups, groupNames } from './gradient-graph.js';
import type { TrainerState } from './trainer.js';

/** The step with the highest score on the validation cases. */
export interface Best {
  readonly step: number;
  /** Mean Dice, or the mean AUC of a classification. */
  readonly score: number;
}

export interface Checkpoint {
  readonly step: number;
  readonly config: FinetuneConfig;
  readonly best: Best | null;
  readonly state: TrainerState;
}

const BEST = 'best.safetensors';

/**
 * Writes `step-XXXXXXXX.safetensors`, copies it to `best.safetensors` where its step is the best, and removes all but the last
 * `keep`. Returns the path.
 * @throws InputError ('diverged') when a parameter is not finite, ('file') when it cannot be written
 */
export function saveCheckpoint(folder: string, checkpoint: Checkpoint): string {
  const { step, config, best, state } = checkpoint;
  const groups = groupsOf(config);
  const tensors: [string, Tensor][] = [];
  for (const part of statePartsOf(config.optimizer)) {
    for (const name of groupNames) tensors.push(...partTensors(groups, name, part, state, step));
  }
  const metadata = { format: 'cover-ts', task: config.task, step: String(step), config: JSON.stringify(config) };
  const path = join(folder, fileName(step));
  const parts = safetensorsParts(tensors, best ? { ...metadata, best: JSON.stringify(best) } : metadata);
  writeFileAtomic(path, parts);
  copyBest(folder, checkpoint);
  const files = readdirSync(folder).filter((name) => /^step-\d{8}\.safetensors$/.test(name));
  for (const old of files.sort().slice(0, -config.run.keepCheckpoints)) rmSync(join(folder, old));
  return path;
}

/** Makes `best.safetensors` a copy of the checkpoint of the best step, where that is this checkpoint. */
export function copyBest(folder: string, { step, best }: Pick<Checkpoint, 'step' | 'best'>): void {
  if (best?.step === step) copyFileAtomic(join(folder, fileName(step)), join(folder, BEST));
}

/** The tensors of one part of a group; moments that are all zero are left out. */
function partTensors(
  groups: Groups,
  name: GroupName,
  part: string,
  state: TrainerState,
  step: number,
): [string, Tensor][] {
  const flat = state.get(`${name}.${part}`);
  if (!flat) return [];
  const bad = flat.find((value) => !Number.isFinite(value));
  if (bad !== undefined) {
    throw new InputError('diverged', `step ${step}: expected finite values in ${name}.${part}, found ${bad}`);
  }
  const named = unpackParameters(flat, groups[name]);
  if (part === 'theta') return [...named];
  if (flat.every((value) => value === 0)) return [];
  return [...named].map(([key, value]) => [`optimizer.${part}.${key}`, value]);
}

/** @throws InputError when the file is no checkpoint of a fine-tuning run or its parameters have other shapes */
export function loadCheckpoint(path: string): Checkpoint {
  const { tensors, metadata } = loadSafetensors(path);
  const parsed = finetuneSchema.safeParse(storedSettings(JSON.parse(metadata.config ?? 'null')));
  if (metadata.task === undefined || !parsed.success) {
    throw new InputError(
      'checkpoint',
      `${path}: expected a checkpoint of a fine-tuning run, found another file`,
      'A pretraining run is continued with cover pretrain --resume.',
    );
  }
  const config = parsed.data;
  const groups = groupsOf(config);
  const named = new Map([...tensors].map(([name, stored]) => [name, toFloat32(stored)]));
  const state = new Map<string, Float32Array>();
  for (const part of statePartsOf(config.optimizer)) {
    const prefix = part === 'theta' ? '' : `optimizer.${part}.`;
    for (const name of groupNames) {
      const own = groups[name].flatMap((spec): [string, Tensor][] => {
        const value = named.get(prefix + spec.name);
        return value ? [[spec.name, tensor(value.shape, value.data)]] : [];
      });
      if (own.length > 0) state.set(`${name}.${part}`, packParameters(new Map(own), groups[name]));
    }
  }
  const best = metadata.best === undefined ? null : (JSON.parse(metadata.best) as Best);
  return { step: Number(metadata.step), config, best, state };
}

function fileName(step: number): string {
  return `step-${String(step).padStart(8, '0')}.safetensors`;
}
