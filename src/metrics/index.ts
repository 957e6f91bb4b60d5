/** How good a segmentation or a classification is, and whether one method is better than another. */
export { type BootstrapOptions, bootstrapMean, type Estimate } from './bootstrap.js';
export {
  type ClassificationReport,
  type ClassMetric,
  type ClassRow,
  classificationReport,
  classMetrics,
  type Predictions,
} from './classification.js';
export { classificationCsv, classificationText } from './classification-report.js';
export { compareScores } from './compare-scores.js';
export { squaredDistances } from './distance-transform.js';
export type { LabelMap } from './label-map.js';
export { comparePaired, type PairedComparison, pairedText } from './paired.js';
export {
  type CaseScore,
  type Presence,
  type SegmentationClass,
  type SegmentationMetric,
  type SegmentationOptions,
  scoreSegmentation,
  segmentationMetrics,
} from './segmentation.js';
export {
  type ClassSummary,
  type DistanceUnit,
  type SegmentationReport,
  type SegmentationReportOptions,
  segmentationCsv,
  segmentationReport,
  segmentationText,
} from './segmentation-report.js';
export { type SignedRank, signedRank } from './wilcoxon.js';
