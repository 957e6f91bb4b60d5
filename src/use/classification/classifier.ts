/**
 * A network that gives the probabilities of an image's classes, wherever it comes from: a run, a file of weights, an
 * ONNX file.
 */

import { InputError } from '../../core/errors.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import type { CaseInput } from '../../data/input.js';
import { type CaseRecipe, fitted, recipeOf, valuesOf } from '../../data/labelled/recipe.js';
import type { Device } from '../../engine/index.js';
import type { FinetunedModel } from '../finetuned-model.js';
import { createNetwork, type NetworkHost } from '../network.js';
import { type OnnxFile, openOnnxNetwork } from '../onnx-network.js';

export interface Classifier extends CaseRecipe {
  readonly classes: readonly string[];
  /** Where it was read from. */
  readonly source: string;
  readonly device: Device;
  /** How many images it computes at the same time. */
  readonly atOnce: number;
  /** @param input an image `[C, H, W]` in [0, 1], or a volume (`readCaseInput`); @returns `[K]` */
  classify(input: CaseInput): Promise<Tensor>;
  close(): Promise<void>;
}

/**
 * A fine-tuned network on an engine of its own.
 * @throws InputError ('config') for a network of another task
 */
export async function createClassifier(model: FinetunedModel, host: NetworkHost): Promise<Classifier> {
  const { config, classes, task, source } = model;
  if (config.task !== 'classification') {
    throw new InputError('config', `${source}: expected a network for classification, found one for ${config.task}`);
  }
  const startEngine = () => host.startEngine(config.data.size);
  const network = await createNetwork(model, { ...host, startEngine });
  const recipe = recipeOf(config);
  return {
    ...recipe,
    classes,
    source,
    device: network.device,
    atOnce: network.atOnce,
    close: () => network.close(),
    async classify(input) {
      const { shape, data } = fitted(valuesOf(input), recipe);
      const { probabilities } = await network.run(
        'probabilities',
        (_, parameters, inputs) => ({ probabilities: task.probabilities(parameters, inputs.image!) }),
        { image: tensor([1, ...shape], data) },
      );
      return tensor(probabilities!.shape.slice(1), probabilities!.data);
    },
  };
}

/**
 * The same from a file of `cover export`.
 * @throws InputError ('file') when it is no ONNX model, ('checkpoint') when it is no classification network of `cover
 * export`
 */
export async function createOnnxClassifier(file: OnnxFile, host: NetworkHost): Promise<Classifier> {
  const { config, device, atOnce, close, run } = await openOnnxNetwork(file, 'classification', host);
  const recipe = recipeOf(config);
  return {
    ...recipe,
    classes: config.data.classes,
    source: file.source,
    device,
    atOnce,
    close,
    classify: (input) => run(fitted(valuesOf(input), recipe)),
  };
}
