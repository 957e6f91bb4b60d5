/** DICOM: single images, series as volumes, and what a folder holds. */

export type { DicomImage, DicomImageOptions } from './decode-image.js';
export { listDicomSeries } from './list-series.js';
export { isDicom } from './parse.js';
export { readDicomImage } from './read-image.js';
export { readDicomSeries } from './read-series.js';
export type { DicomFolder, DicomSeries, SkippedFile } from './series.js';
export type { DicomSeriesOptions } from './series-volume.js';
export type { Window } from './window.js';
