/** Self-vector regression: how two views of one image and their displacement field are drawn. */
export { type AffineCentre, type AffineDraws, affineDraw, affineField, affineMatrix, affinePart } from './affine.js';
export {
  type AppearanceDraws,
  type AppearanceOptions,
  applyAppearance,
  drawAppearance,
  type InpaintBlock,
  paintBlock,
} from './appearance.js';
export { type Curriculum, strengthAt, weakened } from './curriculum.js';
export { drawSpatialTransform, type SpatialOptions } from './draw-transform.js';
export { type ElasticDraws, type ElasticOptions, elasticDraw, elasticOffsets, elasticPart } from './elastic.js';
export { warpLinear } from './field.js';
export { type MaskConvention, validMask } from './mask.js';
export { mirror } from './mirror.js';
export { cropRegion, forEachRow, type Region, wholeRegion } from './region.js';
export { gaussianSmooth, type SmoothBorder } from './smooth.js';
export {
  displacementField,
  type SpatialPart,
  type SpatialTransform,
} from './spatial.js';
export { defaultViewOptions, drawViews, type ViewOptions, type Views, viewImageShape } from './views.js';
