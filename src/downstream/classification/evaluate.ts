/** Classes of whole images, and their scores against labelled cases. */
import { openNetwork } from '../../analysis/index.js';
import { InputError } from '../../core/errors.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import type { Device } from '../../engine/index.js';
import { resizeLinear } from '../../image/index.js';
import { type LabelledCase, readCaseImage } from '../data/index.js';
import {
  type BootstrapOptions,
  type ClassificationReport,
  classificationReport,
  type Predictions,
} from '../metrics/index.js';
import type { FinetunedModel } from '../model.js';
import type { SegmenterOptions } from '../segmentation/segment.js';

/** A network that gives the probabilities of an image's classes. */
export interface Classifier {
  readonly model: FinetunedModel;
  readonly device: Device;
  /** @param image `[C, ...S]` in [0, 1]; @returns `[K]` */
  classify(image: Tensor): Promise<Tensor>;
  close(): Promise<void>;
}

/** @throws InputError ('config') for a network of another task */
export async function openClassifier(model: FinetunedModel, options: SegmenterOptions = {}): Promise<Classifier> {
  const { config, task, source } = model;
  if (config.task !== 'classification') {
    throw new InputError('config', `${source}: expected a network for classification, found one for ${config.task}`);
  }
  const network = await openNetwork(model, options);
  return {
    model,
    device: network.device,
    close: () => network.close(),
    async classify(image) {
      const { shape, data } = resizeLinear(image, config.data.size);
      const { probabilities } = await network.run(
        'probabilities',
        (_, parameters, inputs) => ({ probabilities: task.probabilities(parameters, inputs.image!) }),
        { image: tensor([1, ...shape], data) },
      );
      return tensor(probabilities!.shape.slice(1), probabilities!.data);
    },
  };
}

export interface Classified {
  readonly predictions: Predictions;
  readonly report: ClassificationReport;
}

/** Classifies labelled cases and scores them. @throws InputError ('data') when there is no case */
export async function evaluateClassifier(
  classifier: Classifier,
  cases: readonly LabelledCase[],
  { onCase, ...options }: BootstrapOptions & { readonly onCase?: (done: number, total: number) => void } = {},
): Promise<Classified> {
  if (cases.length === 0) {
    throw new InputError('data', 'expected at least one case to evaluate, found none', 'Choose another --split.');
  }
  const { classes, config } = classifier.model;
  const probabilities: number[] = [];
  for (const [index, { image }] of cases.entries()) {
    const { data } = await classifier.classify(await readCaseImage(image, config.data.channels));
    probabilities.push(...data);
    onCase?.(index + 1, cases.length);
  }
  const truth = cases.map(({ label }) => Number(label));
  const predictions = { cases: cases.map(({ id }) => id), classes, probabilities, truth };
  return { predictions, report: classificationReport(predictions, options) };
}
