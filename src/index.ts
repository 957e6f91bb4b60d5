/** The library: what the command is made of. */

export { InputError } from './core/errors.js';
export { type Tensor, tensor } from './core/tensor.js';
export { type DatasetFiles, type DoctorReport, discover, examine, formatDoctorReport } from './data/index.js';
export type { Device, DeviceChoice, Engine } from './engine/index.js';
export { startEngine } from './engine/node/index.js';
export * as spread from './features/spread/index.js';
export {
  type Analyzed,
  type AnalyzeOptions,
  analyze,
  type BenchmarkEvents,
  type BenchmarkResult,
  benchmark,
  type CaseInput,
  type ClassifiedImage,
  type Classifier,
  type ClassOverlap,
  checkPreset,
  classify,
  type Dispersion,
  type DispersionReport,
  datasetPresets,
  dispersionText,
  evaluateClassifier,
  evaluateFolders,
  evaluateSegmenter,
  exportFinetuned,
  type FinetuneConfig,
  type FinetunedModel,
  type FinetuneEvents,
  type FinetuneResult,
  type FinetuneSource,
  finetune,
  labelOverlap,
  loadFinetuneConfig,
  loadFinetuned,
  loadPlan,
  makePlan,
  openClassifier,
  openOnnxClassifier,
  openOnnxSegmenter,
  openSegmenter,
  type Plan,
  type RegisteredFiles,
  type RegisterFilesOptions,
  type RegistrationReport,
  readCaseImage,
  readCaseInput,
  rebuildBenchmarkReport,
  registerFiles,
  registrationText,
  type Segmenter,
  type SegmentOptions,
  segment,
  warpLabels,
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
export {
  type Correspondence,
  type EmbedOptions,
  embed,
  exportOnnx,
  foldedShare,
  type ImageSimilarity,
  imageSimilarity,
  jacobianDeterminants,
  type Level,
  type MatchOptions,
  matchPoints,
  type Network,
  onnxBytes,
  openNetwork,
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
export {
  formatTransferReport,
  loadPth,
  loadSafetensors,
  loadWeights,
  stateDictOf,
  transfer,
  writeSafetensors,
} from './weights/index.js';
