/** The backbone that every method trains, and its features of the two views of an image. */
import { concat, split, type Value } from '../graph/index.js';
import { type ParameterSpec, type Parameters, unet, unetSpecs } from '../nn/index.js';

/** What the names of the backbone's parameters begin with. */
export const BACKBONE = 'backbone.';

export interface BackboneOptions {
  readonly dims: 2 | 3;
  /** Channels of the image. */
  readonly inputs: number;
  /** Channels of the nine blocks of the U-Net. */
  readonly channels: readonly number[];
}

/** The parameters of the backbone alone. */
export function backboneSpecs({ inputs, channels, dims }: BackboneOptions): ParameterSpec[] {
  return unetSpecs(BACKBONE, inputs, channels, dims);
}

/** Features of both views, `[N, C, ...S]`, deepest level first. */
export interface PairFeatures {
  readonly fixedFeatures: readonly Value[];
  readonly movingFeatures: readonly Value[];
}

/** Both views as one batch through the shared backbone. `moving` and `fixed` are `[N, inputs, ...S]`. */
export function pairFeatures(parameters: Parameters, moving: Value, fixed: Value): PairFeatures {
  const batch = moving.shape[0]!;
  const features = unet(parameters, BACKBONE, concat([fixed, moving], 0)).map((map) => split(map, [batch, batch], 0));
  return {
    fixedFeatures: features.map(([ofFixed]) => ofFixed!),
    movingFeatures: features.map(([, ofMoving]) => ofMoving!),
  };
}
