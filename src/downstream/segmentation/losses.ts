/**
 * Cross-entropy and soft Dice. Both are sums whose denominators depend on the labels of the whole batch alone, so micro-batches
 * add up to exactly the batch. Pixels whose label is no class (the ignored ones) take no part.
 */
import {
  add,
  cast,
  div,
  equal,
  exp,
  log,
  maximum,
  mul,
  reduceMax,
  reduceSum,
  sub,
  type Value,
} from '../../graph/index.js';

/** Pixels added to both sides of a Dice, so that a class that is absent and not predicted scores 1. */
const SMOOTH = 1;

/** 1 at the class of each element and 0 elsewhere. @param target `[N, 1, ...S]`; @returns `[N, classes, ...S]` */
export function oneHot(target: Value, classes: number): Value {
  const { graph, shape } = target;
  const indices = Array.from({ length: classes }, (_, index) => index);
  return cast(equal(target, graph.constant(indices, [1, classes, ...shape.slice(2).map(() => 1)])), 'float32');
}

/**
 * `Σ w · −log p(true class) / Σ w`, where w is the weight of the true class.
 * @param logits `[N, K, ...S]`
 * @param truth one-hot, the same shape; all zero where the label is ignored
 * @param weights one for each class
 * @param total the sum of w over the whole batch, one element
 */
export function crossEntropy(logits: Value, truth: Value, weights: readonly number[], total: Value): Value {
  const { graph, shape } = logits;
  const shifted = sub(logits, reduceMax(logits, [1]));
  const surprise = sub(log(reduceSum(exp(shifted), [1])), shifted);
  const weighted = mul(truth, graph.constant(weights, [1, shape[1], ...shape.slice(2).map(() => 1)]));
  return div(reduceSum(mul(weighted, surprise)), maximum(total, 1e-6));
}

/**
 * 1 minus the mean soft Dice over the samples and the classes but the background, as a part of the whole batch's.
 * @param probabilities `[N, K, ...S]`, K at least 2
 * @param truth one-hot, the same shape
 * @param samples of the whole batch
 */
export function diceLoss(probabilities: Value, truth: Value, samples: number): Value {
  const { graph, shape } = probabilities;
  const [count, classes] = shape;
  const spatial = shape.map((_, axis) => axis).slice(2);
  const labelled = reduceSum(truth, [1]);
  const predicted = reduceSum(mul(probabilities, labelled), spatial);
  const shared = reduceSum(mul(probabilities, truth), spatial);
  const dice = div(add(mul(shared, 2), SMOOTH), add(add(predicted, reduceSum(truth, spatial)), SMOOTH));
  const foreground = Array.from({ length: classes }, (_, index) => (index === 0 ? 0 : 1 / (samples * (classes - 1))));
  const mean = reduceSum(mul(dice, graph.constant(foreground, [1, classes, ...spatial.map(() => 1)])));
  return sub(count / samples, mean);
}
