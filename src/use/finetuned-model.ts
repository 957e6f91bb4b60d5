/** A fine-tuned network, as segmenting, evaluating and exporting want it: configuration, classes, parameters. */
import { InputError } from '../core/errors.js';
import type { FinetuneConfig } from '../finetune/config.js';
import { groupsOf } from '../finetune/groups.js';
import { checkpointKind } from '../finetune/kind.js';
import type { TaskNetwork } from '../finetune/task.js';
import { taskNetwork } from '../finetune/tasks.js';
import { type ParameterSpec, packParameters, unpackParameters } from '../nn/index.js';
import { storedStep } from '../train/checkpoint.js';
import { type WeightFile, writeSafetensors } from '../weights/index.js';

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
 * Reads a fine-tuned network.
 * @param weights a checkpoint of a run, or an exported .safetensors
 * @throws InputError ('checkpoint') where the file is of another kind, ('weights') where a parameter is missing or has
 * another shape
 */
export function finetunedOf({ file, tensors, metadata }: WeightFile): FinetunedModel {
  const config = checkpointKind.configOf(metadata);
  if (!config) {
    throw new InputError(
      'checkpoint',
      `${file}: expected a fine-tuned network, found ${metadata.config ? 'a pretrained one' : 'weights alone'}`,
      `Fine-tune it first: cover finetune DATA -o runs/first --from ${file}`,
    );
  }
  const { backbone, head } = groupsOf(config);
  const specs = [...backbone, ...head];
  const theta = packParameters(tensors, specs);
  const step = storedStep(metadata.step, file);
  return { config, classes: config.data.classes, task: taskNetwork(config, []), specs, theta, step, source: file };
}

/** The bytes of a safetensors file that `loadFinetuned` reads; without moments. */
export function finetunedBytes({
  config,
  specs,
  theta,
  step,
}: Pick<FinetunedModel, 'config' | 'specs' | 'theta' | 'step'>): Uint8Array {
  const metadata = { format: 'cover-ts', task: config.task, step: String(step), config: JSON.stringify(config) };
  return writeSafetensors(unpackParameters(theta, specs), metadata);
}
