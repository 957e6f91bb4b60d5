/**
 * Cross-entropy and soft Dice, of classes that exclude each other and of classes that overlap. All are sums whose
 * denominators depend on the labels of the whole batch alone, so micro-batches add up to exactly the batch. Pixels
 * whose label is no class (the ignored ones) take no part.
 */

import { LARGEST_SET } from '../core/label-sets.js';
import {
  abs,
  add,
  cast,
  div,
  equal,
  exp,
  floor,
  less,
  log,
  maximum,
  mul,
  neg,
  reduceMax,
  reduceSum,
  sub,
  type Value,
} from '../graph/index.js';

/** Pixels added to both sides of a Dice, so that a class that is absent and not predicted scores 1. */
const SMOOTH = 1;

/** What is true of each pixel. */
export interface Truth {
  /** 1 where the class is, `[N, K, ...S]`. */
  readonly classes: Value;
  /** 1 where the label is known, `[N, 1, ...S]`. */
  readonly known: Value;
}

/** 1 at the class of each element and 0 elsewhere. @param target `[N, 1, ...S]`; @returns `[N, classes, ...S]` */
export function oneHot(target: Value, classes: number): Value {
  const { graph, shape } = target;
  const indices = Array.from({ length: classes }, (_, index) => index);
  return cast(equal(target, graph.constant(indices, [1, classes, ...shape.slice(2).map(() => 1)])), 'float32');
}

/** The classes of indices. @param target `[N, 1, ...S]`; @returns one channel for each class, the background first */
export function truthOfIndices(target: Value, classes: number): Truth {
  const truth = oneHot(target, classes);
  return { classes: truth, known: reduceSum(truth, [1]) };
}

/**
 * The classes of sets (`label-sets.ts`).
 * @param target `[N, 1, ...S]`
 * @returns one channel for each class but the background
 */
export function truthOfSets(target: Value, classes: number): Truth {
  const { graph, shape } = target;
  const bits = Array.from({ length: classes - 1 }, (_, index) => 2 ** index);
  const shifted = floor(div(target, graph.constant(bits, [1, bits.length, ...shape.slice(2).map(() => 1)])));
  const known = cast(less(target, 2 ** LARGEST_SET), 'float32');
  return { classes: mul(sub(shifted, mul(floor(mul(shifted, 0.5)), 2)), known), known };
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
  const weighted = mul(truth, graph.constant(weights, [1, shape[1]!, ...shape.slice(2).map(() => 1)]));
  return div(reduceSum(mul(weighted, surprise)), maximum(total, 1e-6));
}

/**
 * `Σ w · −log p(class is there, or is not) / Σ w`, every class for itself; stable for logits of any size.
 * @param logits `[N, K, ...S]`, without the background
 * @param weights one for each of these classes
 * @param total the sum of w over the known pixels and classes of the whole batch, one element
 */
export function binaryCrossEntropy(logits: Value, truth: Truth, weights: readonly number[], total: Value): Value {
  const { graph, shape } = logits;
  const surprise = add(sub(maximum(logits, 0), mul(logits, truth.classes)), log(add(exp(neg(abs(logits))), 1)));
  const weighted = mul(surprise, graph.constant(weights, [1, shape[1]!, ...shape.slice(2).map(() => 1)]));
  return div(reduceSum(mul(weighted, truth.known)), maximum(total, 1e-6));
}

/**
 * 1 minus the mean soft Dice over the samples and the classes from `first` on, as a part of the whole batch's.
 * @param probabilities `[N, K, ...S]`
 * @param samples of the whole batch
 * @param first 1 where the first channel is the background
 */
export function diceLoss(probabilities: Value, { classes: truth, known }: Truth, samples: number, first: 0 | 1): Value {
  const { graph, shape } = probabilities;
  const [count, classes] = shape as [number, number];
  const spatial = shape.map((_, axis) => axis).slice(2);
  const predicted = reduceSum(mul(probabilities, known), spatial);
  const shared = reduceSum(mul(probabilities, truth), spatial);
  const dice = div(add(mul(shared, 2), SMOOTH), add(add(predicted, reduceSum(truth, spatial)), SMOOTH));
  const share = 1 / (samples * (classes - first));
  const foreground = Array.from({ length: classes }, (_, index) => (index < first ? 0 : share));
  const mean = reduceSum(mul(dice, graph.constant(foreground, [1, classes, ...spatial.map(() => 1)])));
  return sub(count / samples, mean);
}
