/** What a pretrained backbone is good for: segmentation and classification with few labels, and how good they are. */
export {
  type BenchmarkEvents,
  type BenchmarkResult,
  benchmark,
  rebuildBenchmarkReport,
} from './benchmark/benchmark.js';
export type { CellResult } from './benchmark/cell.js';
export { budgetText, type Cell, loadPlan, makePlan, type Plan } from './benchmark/plan.js';
export { type BenchmarkSummary, mainMetric, summarise } from './benchmark/summary.js';
export { type Classifier, openClassifier, openOnnxClassifier } from './classification/classifier.js';
export { type ClassifiedImage, classifiedCsv, classify } from './classification/classify.js';
export { type Classified, evaluateClassifier } from './classification/evaluate.js';
export { type FinetuneConfig, finetuneSchema, loadFinetuneConfig, tasks } from './config.js';
export {
  type CaseInput,
  type CaseRecipe,
  type LabelledCase,
  type PartName,
  partNames,
  readCaseImage,
  readCaseInput,
} from './data/index.js';
export { type Dispersion, measureDispersion } from './dispersion/measure.js';
export { type DispersionReport, dispersionCsv, dispersionText } from './dispersion/report.js';
export { type Analyzed, type AnalyzeOptions, analyze, untrainedModel } from './dispersion/run.js';
export type { FinetuneEvents, FinetuneFacts } from './events.js';
export { exportFinetuned, finetunedOnnx } from './export-onnx.js';
export { type FinetunedModel, finetunedBytes, isFinetuned, loadFinetuned } from './model.js';
export {
  checkPreset,
  type DatasetPreset,
  datasetPresets,
  type PresetCheck,
  type PresetName,
  presetNames,
} from './presets/index.js';
export { type RegistrationReport, registrationText } from './registration/report.js';
export { type RegisteredFiles, type RegisterFilesOptions, registerFiles } from './registration/run.js';
export { type ClassOverlap, labelOverlap, warpLabels } from './registration/score.js';
export { type FinetuneResult, finetune } from './run.js';
export { evaluateFolders, evaluateSegmenter } from './segmentation/evaluate.js';
export {
  openOnnxSegmenter,
  openSegmenter,
  type Segmentation,
  type Segmenter,
  type SegmentOptions,
  segment,
} from './segmentation/segment.js';
export { casesIn, casesOf, type FinetuneSource, type Split, splits } from './start.js';
