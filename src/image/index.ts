/** Images and volumes: reading, writing, value range, channels, orientation, resizing and resampling. */
export { boxGrid } from './box-grid.js';
export { placeOf, positionOnGrid } from './grid-position.js';
export { type Image, toChannels, toUnitRange } from './image.js';
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
export {
  fieldInMillimetres,
  writeColours,
  writeDisplacementField,
  writeLabels,
  writeVectors,
  writeVolume,
} from './nifti/write.js';
export {
  canonicalGrid,
  fromCanonical,
  type Grid,
  orientationName,
  sameGrid,
  toCanonical,
  turnData,
  turnToCanonical,
} from './orientation.js';
export { divisibleShape, padEdge, padZeros } from './pad.js';
export { type ReadOptions, readImage, TruncatedImageError } from './read.js';
export { readVolume } from './read-volume.js';
export {
  gridWithSpacing,
  placesAlongAxes,
  resample,
  resampleData,
  resampleToSpacing,
  type Sampling,
} from './resample.js';
export { resizeLinear, sampleLinear } from './resize.js';
export { resizedGrid } from './resized-grid.js';
export { type SlicePlane, sliceAxis, slicePlanes, turnToSlices } from './slice-planes.js';
export { type Affine, type StoredArray, spacingOf, type Volume } from './volume.js';
export type { VolumeReadOptions } from './voxel-layout.js';
export { type Pixels, writePng } from './write.js';
