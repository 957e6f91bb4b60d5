/**
 * The network for segmentation: the pretrained U-Net, and a fresh 1×1 convolution from its full-resolution features to one
 * channel for each class (method section 8).
 */
import { softmax, type Value } from '../../graph/index.js';
import { type ParameterSpec, type Parameters, pointwise, pointwiseSpecs, unet } from '../../nn/index.js';

/** The parameters of the head. @param features channels of the full-resolution features */
export function segmentationHead(features: number, classes: number, dims: number): ParameterSpec[] {
  return pointwiseSpecs('head', features, classes, dims);
}

/** @param image `[N, C, ...S]`, extents divisible by 16; @returns logits `[N, classes, ...S]` */
export function segmentationLogits(parameters: Parameters, image: Value): Value {
  return pointwise(parameters, 'head', unet(parameters, 'backbone.', image).at(-1)!);
}

/** Probabilities of the classes, `[N, classes, ...S]`. */
export function segmentationProbabilities(parameters: Parameters, image: Value): Value {
  return softmax(segmentationLogits(parameters, image), 1);
}
