/** Images and volumes in memory: value range, channels, orientation, resizing and resampling. */

export { displacementFieldBytes, fieldInMillimetres } from './formats/nifti/encode.js';
export { TruncatedImageError } from './formats/truncated.js';
export type { VolumeReadOptions } from './formats/voxel-layout.js';
export { boxGrid } from './geometry/box-grid.js';
export { placeOf, positionOnGrid } from './geometry/grid-position.js';
export {
  canonicalGrid,
  fromCanonical,
  type Grid,
  orientationName,
  sameGrid,
  toCanonical,
  turnData,
  turnToCanonical,
} from './geometry/orientation.js';
export { divisibleShape, padEdge, padZeros } from './geometry/pad.js';
export {
  gridWithSpacing,
  placesAlongAxes,
  resample,
  resampleAligned,
  resampleData,
  resampleToSpacing,
  type Sampling,
} from './geometry/resample.js';
export { type ResizeOptions, resizeImage, resizeLinear, sampleLinear } from './geometry/resize.js';
export { resizedGrid } from './geometry/resized-grid.js';
export {
  acrossSlices,
  axesWithin,
  bySlices,
  type SlicePlane,
  sliceAxis,
  sliceOf,
  slicePlanes,
  turnToSlices,
  withinSlices,
} from './geometry/slice-planes.js';
export { type Image, imageWarnings, toChannels, toUnitRange } from './image.js';
export {
  type Content,
  CT_WINDOWS,
  contentOf,
  defaultRule,
  type IntensityRule,
  MRI_PERCENTILES,
  toUnitVolume,
  type UnitVolume,
} from './intensity.js';
export { memoryFiles } from './memory-files.js';
export { type Affine, type StoredArray, spacingOf, type Volume } from './volume.js';
export { readVolumeBytes, readVolumeFrom } from './volume-file.js';
