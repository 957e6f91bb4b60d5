/** Data: which files, whether they are fit, decoded images and volumes in a cache, batches made in workers. */

export type { Batch, BatchSource, SampleKey } from './batch.js';
export { type CacheOptions, defaultCacheFolder, openCache } from './cache.js';
export { attachCache, type ImageCache } from './cache-file.js';
export { type DatasetFiles, type DiscoverOptions, discover } from './discover.js';
export { type ExamineOptions, examine } from './doctor.js';
export { type FormatOptions, formatDoctorReport } from './doctor-text.js';
export { MINIMUM_SIZE, MINIMUM_VOXELS } from './examine.js';
export { type CaseInput, onFileGrid, type VolumeInput, volumeInput } from './input.js';
export { type Intensity, intensityNames, intensityRule } from './intensity.js';
export {
  type DataKind,
  dataKinds,
  IMAGE_EXTENSIONS,
  isImageName,
  isVolumeName,
  stemOf,
  VOLUME_EXTENSIONS,
} from './kinds.js';
export { createLoader, type LoaderOptions } from './loader.js';
export type { MakeSample } from './make-samples.js';
export { mapLimited } from './parallel.js';
export type { PassedOver } from './passed-over.js';
export { readAnyImage, readAnyVolume } from './read.js';
export { readInput, readVolumeInput } from './read-input.js';
export { readSplits } from './read-splits.js';
export {
  type Fit,
  type FitRecipe,
  fits,
  fitted,
  fittedExtents,
  type Recipe,
  unitImage,
  unitVolume,
  type VolumeRecipe,
} from './recipe.js';
export { type DoctorReport, FILE_STATES, type FileReport, type FileState } from './report.js';
export { countData, filesIn, kindOf } from './search.js';
export { splitSeries } from './series.js';
export { type PartLists, type PartName, partNames, type Splits } from './splits.js';
export { type Kinds, kindOfFile, kindsOf, kindsOfAxes } from './taken.js';
