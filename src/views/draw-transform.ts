/** Which parts a random spatial transformation is made of (paper: Self-Vector Regression), and in which order. */
import type { Random } from '../core/random.js';
import { affineDraw, affinePart } from './affine.js';
import { type ElasticOptions, elasticDraw, elasticPart } from './elastic.js';
import type { SpatialPart, SpatialTransform } from './spatial.js';

export interface SpatialOptions {
  /** Strength of the affine part; 0 is the identity, 1.5 the released setting. */
  readonly degree: number;
  /** The elastic part, or `null` for none. */
  readonly elastic?: ElasticOptions | null;
}

/** Draws a transformation for images of `shape` (`[...S]`, pixels). */
export function drawSpatialTransform(
  random: Random,
  options: SpatialOptions,
  shape: readonly number[],
): SpatialTransform {
  const parts: SpatialPart[] = [affinePart(affineDraw(random, options, shape.length, shape))];
  if (options.elastic) parts.push(elasticPart(elasticDraw(random, options.elastic, shape)));
  return parts;
}
