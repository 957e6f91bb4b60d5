/** The library: what the command is made of. */

export { InputError } from './core/errors.js';
export { type Tensor, tensor } from './core/tensor.js';
export { type DatasetFiles, type DoctorReport, discover, examine, formatDoctorReport } from './data/index.js';
export type { Device, DeviceChoice, Engine } from './engine/index.js';
export { startEngine } from './engine/node/index.js';
export * as spread from './features/spread/index.js';
export {
  type BenchmarkEvents,
  type BenchmarkResult,
  benchmark,
  type CaseInput,
  checkPreset,
  datasetPresets,
  type FinetuneConfig,
  type FinetuneEvents,
  type FinetuneResult,
  type FinetuneSource,
  finetune,
  loadFinetuneConfig,
  loadPlan,
  makePlan,
  type Plan,
  readCaseImage,
  readCaseInput,
  rebuildBenchmarkReport,
} from './finetune/index.js';
export * as graph from './graph/index.js';
export {
  CT_WINDOWS,
  type Grid,
  type IntensityRule,
  MRI_PERCENTILES,
  readVolume,
  resample,
  resampleToSpacing,
  spacingOf,
  toCanonical,
  toUnitVolume,
  type Volume,
  writeColours,
  writeDisplacementField,
  writeLabels,
  writeVectors,
  writeVolume,
} from './image/index.js';
export * as metrics from './metrics/index.js';
export {
  type Analyzed,
  type AnalyzeOptions,
  analyze,
  type ExportResult,
  evaluationCases,
  exportFinetuned,
  exportOnnx,
  type NetworkOptions,
  openClassifier,
  openNetwork,
  openSegmenter,
  type RegisteredFiles,
  type RegisterFilesOptions,
  registerFiles,
} from './node/index.js';
export { encodeOnnx } from './onnx/encode.js';
export { type Checkpoint, loadCheckpoint, saveCheckpoint } from './pretrain/checkpoint.js';
export { type Config, type ConfigSources, configYaml, loadConfig, presets } from './pretrain/config-index.js';
export { type Imported, importModel } from './pretrain/import.js';
export { type Method, type MethodName, type Metric, methodNames } from './pretrain/method.js';
export { methodOf } from './pretrain/methods.js';
export { createModel, loadModel, type Model, modelBytes } from './pretrain/model.js';
export {
  type PretrainOptions,
  pretrain,
  type RunEvents,
  type RunResult,
  type RunSource,
  specsOf,
} from './pretrain/run.js';
export type { Classifier } from './use/classification/classifier.js';
export { type ClassifiedImage, classify } from './use/classification/classify.js';
export { evaluateClassifier } from './use/classification/evaluate.js';
export type { Dispersion } from './use/dispersion/measure.js';
export { type DispersionReport, dispersionText } from './use/dispersion/report.js';
export { type FinetunedModel, loadFinetuned } from './use/finetuned-model.js';
export {
  type Correspondence,
  createNetwork,
  type EmbedOptions,
  type EngineStart,
  embed,
  foldedShare,
  type ImageSimilarity,
  imageSimilarity,
  jacobianDeterminants,
  type Level,
  type MatchOptions,
  matchPoints,
  type Network,
  onnxBytes,
  type PairField,
  type Point,
  predictField,
  type RegisterOptions,
  type Registration,
  type RegistrationMeasures,
  readInput,
  readVolumeInput,
  register,
  registration,
} from './use/index.js';
export { type RegistrationReport, registrationText } from './use/registration/report.js';
export { type ClassOverlap, labelOverlap, warpLabels } from './use/registration/score.js';
export { evaluateFolders, evaluateSegmenter } from './use/segmentation/evaluate.js';
export { type Segmenter, type SegmentOptions, segment } from './use/segmentation/segment.js';
export {
  formatTransferReport,
  loadPth,
  loadSafetensors,
  loadWeights,
  stateDictOf,
  transfer,
  writeSafetensors,
} from './weights/index.js';
