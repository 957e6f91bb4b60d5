/** DICOM: single images, series as volumes, and what a folder holds. */

export type { DicomImage, DicomImageOptions } from './decode-image.js';
export { isDicom } from './parse.js';
export { readDicomImage } from './read-image.js';
export { type DicomSeriesOptions, readDicomSeries } from './read-series.js';
export { type DicomFolder, type DicomSeries, listDicomSeries, type SkippedFile } from './series.js';
export type { Window } from './window.js';
