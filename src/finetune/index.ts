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
  readCaseImage,
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
export { type FinetuneConfig, finetuneSchema, loadFinetuneConfig, tasks } from './config.js';
export type { FinetuneEvents, FinetuneFacts } from './events.js';
export { type FinetuneResult, finetune } from './run.js';
export { casesIn, casesOf, type FinetuneSource, type Split, splits } from './start.js';
