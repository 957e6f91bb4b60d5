/**
 * The network for segmentation: the pretrained U-Net, and a fresh 1×1 convolution from its full-resolution features to
 * one channel for each class (docs/method.md §8). Classes that overlap are decided each for itself, and the background
 * has no channel.
 */
import { abs, add, concat, div, exp, maximum, neg, reduceMax, softmax, sub, type Value } from '../../graph/index.js';
import { type ParameterSpec, type Parameters, pointwise, pointwiseSpecs, unet } from '../../nn/index.js';
import { foldedHead } from '../standard-head.js';

/**
 * The parameters of the head. @param features channels of the full-resolution features; @param outputs channels of the
 * logits
 */
export function segmentationHead(features: number, outputs: number, dims: number): ParameterSpec[] {
  return pointwiseSpecs('head', features, outputs, dims);
}

/** @param image `[N, C, ...S]`, extents divisible by 16; @returns the full-resolution features `[N, F, ...S]` */
export function segmentationFeatures(parameters: Parameters, image: Value): Value {
  return unet(parameters, 'backbone.', image).at(-1)!;
}

/** @param image `[N, C, ...S]`, extents divisible by 16; @returns logits `[N, outputs, ...S]` */
export function segmentationLogits(parameters: Parameters, image: Value): Value {
  return pointwise(foldedHead(parameters, 1), 'head', segmentationFeatures(parameters, image));
}

/** Probabilities of classes that exclude each other, the background first: `[N, classes, ...S]`, which sum to 1. */
export function exclusiveProbabilities(logits: Value): Value {
  return softmax(logits, 1);
}

/**
 * Probabilities of classes that overlap, each for itself; before them that of none, as 1 less the largest:
 * `[N, classes, ...S]`.
 */
export function overlappingProbabilities(logits: Value): Value {
  const each = sigmoid(logits);
  return concat([sub(1, reduceMax(each, [1])), each], 1);
}

/** `1 / (1 + e⁻ˣ)`, without an exponential that overflows. */
export function sigmoid(x: Value): Value {
  return div(exp(neg(maximum(neg(x), 0))), add(exp(neg(abs(x))), 1));
}
