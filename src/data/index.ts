/** Data: which files, whether they are fit, decoded images in a cache, batches made in workers. */
export {
  attachCache,
  type CacheOptions,
  defaultCacheFolder,
  type ImageCache,
  openCache,
} from './cache.js';
export { type DatasetFiles, type DiscoverOptions, discover, IMAGE_EXTENSIONS } from './discover.js';
export {
  type DoctorReport,
  type ExamineOptions,
  examine,
  FILE_STATES,
  type FileReport,
  type FileState,
  type FormatOptions,
  formatDoctorReport,
  MINIMUM_SIZE,
} from './doctor.js';
export { type Batch, createLoader, type Loader, type LoaderOptions } from './loader.js';
export type { MakeSample, SampleKey } from './make-samples.js';
export { mapLimited } from './parallel.js';
