/**
 * The network for segmentation: the pretrained U-Net, and a fresh 1×1 convolution from its full-resolution features to one
 * channel for each class (method section 8).
 */
import { conv, softmax, type Value } from '../../graph/index.js';
import { type ParameterSpec, type Parameters, unet } from '../../nn/index.js';

/** The parameters of the head. @param features channels of the full-resolution features */
export function segmentationHead(features: number, classes: number, dims: number): ParameterSpec[] {
  return [
    { name: 'head.weight', shape: [classes, features, ...Array.from({ length: dims }, () => 1)] },
    { name: 'head.bias', shape: [classes] },
  ];
}

/** @param image `[N, C, ...S]`, extents divisible by 16; @returns logits `[N, classes, ...S]` */
export function segmentationLogits(parameters: Parameters, image: Value): Value {
  const features = unet(parameters, 'backbone.', image).at(-1)!;
  return conv(features, parameters.get('head.weight')!, parameters.get('head.bias')!);
}

/** Probabilities of the classes, `[N, classes, ...S]`. */
export function segmentationProbabilities(parameters: Parameters, image: Value): Value {
  return softmax(segmentationLogits(parameters, image), 1);
}
