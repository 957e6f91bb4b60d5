/** Networks on the disk: pretrained, fine-tuned, and from elsewhere. */
import type { CheckpointChoice } from '../train/checkpoint-choice.js';
import { type FinetunedModel, finetunedOf } from '../use/finetuned-model.js';
import { type Imported, importedModel } from '../use/import.js';
import { type Model, modelOf, refusePickle } from '../use/model.js';
import { loadSafetensors, loadWeightFile } from '../weights/files.js';
import { readWeightsFile } from '../weights/read-file.js';
import { yamlFile } from './config-file.js';
import { modelFile } from './model-file.js';

/**
 * Reads a pretrained network.
 * @param path a run folder, a checkpoint, or a file of `cover export` or `cover import`
 * @param choice which checkpoint of a run; the best where there is one, else the latest, where null
 * @throws InputError ('checkpoint') where nothing is found or the file says nothing of its network, ('weights') where
 * the file cannot be read, a parameter is missing, has another shape or is not finite
 * @example
 * const model = loadModel('runs/xrays');
 * console.log(model.config.model.channels, model.step);
 */
export function loadModel(path: string, choice: CheckpointChoice = null): Model {
  const file = modelFile(path, choice);
  refusePickle(file);
  return modelOf(loadWeightFile(file));
}

/**
 * Reads a fine-tuned network.
 * @param path a run folder, a checkpoint or an exported .safetensors
 * @param choice which checkpoint of a run; the best where there is one, else the latest, where null
 * @throws InputError ('checkpoint') where nothing is found or the file is of another kind, ('weights') where a
 * parameter is missing or has another shape
 * @example const { classes } = loadFinetuned('runs/lungs');
 */
export function loadFinetuned(path: string, choice: CheckpointChoice = null): FinetunedModel {
  return finetunedOf(loadWeightFile(modelFile(path, choice)));
}

/** Whether a file or run folder holds a fine-tuned network. */
export function isFinetuned(path: string): boolean {
  try {
    return loadSafetensors(modelFile(path)).metadata.task !== undefined;
  } catch {
    return false;
  }
}

export interface ImportFileOptions {
  /** The path of a YAML configuration; with it nothing is deduced from the shapes. */
  readonly config?: string | undefined;
  /** Settings such as `model.warp=aligned`; they win over everything else. */
  readonly settings?: readonly string[];
}

/**
 * Reads a `.pth` file (zip or older format; nothing in it is run) or safetensors, and fits it to a network.
 * @throws InputError ('weights') when the file cannot be read or holds no such backbone, ('config') for a wrong setting
 * @example
 * const { model, report } = importModel('checkpoint.pth');
 * console.log(formatTransferReport(report));
 * if (model) writeFileAtomic('model.safetensors', modelBytes(model));
 */
export function importModel(path: string, { config, settings = [] }: ImportFileOptions = {}): Imported {
  const file = config === undefined ? undefined : yamlFile(config);
  return importedModel(readWeightsFile(path), path, { config: file, settings });
}
