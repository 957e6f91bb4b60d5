/** What `sample.ts` makes: two views, their field and its mask. */
import type { Shape } from '../graph/index.js';
import type { BackboneOptions } from './backbone.js';

/** The shapes of one sample's arrays, in their order. */
export function viewShapes({ inputs, dims }: BackboneOptions, extents: Shape) {
  return {
    moving: [inputs, ...extents],
    fixed: [inputs, ...extents],
    field: [dims, ...extents],
    mask: [1, ...extents],
  } as const;
}
