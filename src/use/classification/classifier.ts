/** A network that gives the probabilities of an image's classes, wherever it comes from: a run, a file of weights, an ONNX file. */

import { InputError } from '../../core/errors.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { type CaseInput, type CaseRecipe, fitted, recipeOf, valuesOf } from '../../data/labelled/index.js';
import type { Device } from '../../engine/index.js';
import type { FinetunedModel } from '../finetuned-model.js';
import { openNetwork } from '../index.js';
import { openOnnxNetwork } from '../onnx-file.js';
import type { SegmenterOptions } from '../segmentation/segment.js';

export interface Classifier extends CaseRecipe {
  readonly classes: readonly string[];
  /** Where it was read from. */
  readonly source: string;
  readonly device: Device;
  /** @param input an image `[C, H, W]` in [0, 1], or a volume (`readCaseInput`); @returns `[K]` */
  classify(input: CaseInput): Promise<Tensor>;
  close(): Promise<void>;
}

/**
 * @throws InputError ('config') for a network of another task
 * @example
 * const classifier = await openClassifier(loadFinetuned('runs/pneumonia'));
 * const { data } = await classifier.classify(await readCaseInput('scan.png', classifier)); // a probability for each class
 */
export async function openClassifier(model: FinetunedModel, options: SegmenterOptions = {}): Promise<Classifier> {
  const { config, classes, task, source } = model;
  if (config.task !== 'classification') {
    throw new InputError('config', `${source}: expected a network for classification, found one for ${config.task}`);
  }
  const network = await openNetwork(model, options);
  const recipe = recipeOf(config);
  return {
    ...recipe,
    classes,
    source,
    device: network.device,
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
 * @throws InputError ('file') when it cannot be read, ('checkpoint') when it is no classification network of `cover export`
 */
export async function openOnnxClassifier(path: string, options: SegmenterOptions = {}): Promise<Classifier> {
  const { config, device, close, run } = await openOnnxNetwork(path, 'classification', options);
  const recipe = recipeOf(config);
  return {
    ...recipe,
    classes: config.data.classes,
    source: path,
    device,
    close,
    classify: (input) => run(fitted(valuesOf(input), recipe)),
  };
}
