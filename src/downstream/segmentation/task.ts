/** Segmentation as a task: a class for every pixel, cross-entropy and soft Dice. */
import { add, mul, softmax } from '../../graph/index.js';
import { weightOf } from '../class-weights.js';
import type { FinetuneConfig } from '../config.js';
import type { TaskNetwork } from '../task.js';
import { crossEntropy, diceLoss, oneHot } from './losses.js';
import { segmentationHead, segmentationLogits, segmentationProbabilities } from './network.js';

export function segmentationTask(
  { data, views, model, loss, batch }: FinetuneConfig,
  weights: readonly number[],
): TaskNetwork {
  const classes = data.classes.length;
  return {
    head: segmentationHead(model.channels[8], classes, views.crop.length),
    targetShape: views.crop,
    probabilities: segmentationProbabilities,
    weigh: (targets) => weightOf(targets, weights),
    loss(parameters, image, target, total) {
      const logits = segmentationLogits(parameters, image);
      const truth = oneHot(target, classes);
      const entropy = crossEntropy(logits, truth, weights, total);
      const dice = diceLoss(softmax(logits, 1), truth, batch.size);
      return {
        loss: add(mul(entropy, loss.crossEntropy), mul(dice, loss.dice)),
        parts: { crossEntropy: entropy, diceLoss: dice },
      };
    },
  };
}
