/** What a pretrained backbone is good for: segmentation and classification with few labels, and how good they are. */
export {
  type BenchmarkEvents,
  type BenchmarkResult,
  benchmark,
  rebuildBenchmarkReport,
} from '../benchmark/benchmark.js';
export type { CellResult } from '../benchmark/cell.js';
export { budgetText, type Cell, loadPlan, makePlan, type Plan } from '../benchmark/plan.js';
export { type BenchmarkSummary, mainMetric, summarise } from '../benchmark/summary.js';
export {
  type CaseInput,
  type CaseRecipe,
  type LabelledCase,
  type PartName,
  partNames,
  readCaseInput,
} from '../data/labelled/index.js';
export {
  checkPreset,
  type DatasetPreset,
  datasetPresets,
  type PresetCheck,
  type PresetName,
  presetNames,
} from '../data/presets/index.js';
export { type Classifier, openClassifier, openOnnxClassifier } from '../use/classification/classifier.js';
export { type ClassifiedImage, classifiedCsv, classify } from '../use/classification/classify.js';
export { type Classified, evaluateClassifier } from '../use/classification/evaluate.js';
export { type Dispersion, measureDispersion } from '../use/dispersion/measure.js';
export { type DispersionReport, dispersionCsv, dispersionText } from '../use/dispersion/report.js';
export { type Analyzed, type AnalyzeOptions, analyze, untrainedModel } from '../use/dispersion/run.js';
export { exportFinetuned, finetunedOnnx } from '../use/export-finetuned.js';
export { type FinetunedModel, finetunedBytes, isFinetuned, loadFinetuned } from '../use/finetuned-model.js';
export { type RegistrationReport, registrationText } from '../use/registration/report.js';
export { type RegisteredFiles, type RegisterFilesOptions, registerFiles } from '../use/registration/run.js';
export { type ClassOverlap, labelOverlap, warpLabels } from '../use/registration/score.js';
export { evaluateFolders, evaluateSegmenter } from '../use/segmentation/evaluate.js';
export {
  openOnnxSegmenter,
  openSegmenter,
  type Segmentation,
  type Segmenter,
  type SegmentOptions,
  segment,
} from '../use/segmentation/segment.js';
export { type FinetuneConfig, finetuneSchema, loadFinetuneConfig, tasks } from './config.js';
export type { FinetuneEvents, FinetuneFacts } from './events.js';
export { type FinetuneResult, finetune } from './run.js';
export { casesIn, casesOf, type FinetuneSource, type Split, splits } from './start.js';
