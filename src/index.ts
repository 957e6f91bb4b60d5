/** The library: what the command is made of. */

export {
  type BenchmarkEvents,
  type BenchmarkOptions,
  type BenchmarkResult,
  benchmark,
  rebuildBenchmarkReport,
} from './benchmark/benchmark.js';
export { type LabelReading, labelReadings, labelsFor, readingText } from './benchmark/label-efficiency.js';
export { type Cell, loadPlan, makePlan, type Plan } from './benchmark/plan.js';
export { differenceOverPretrainings, meanOverPretrainings, varianceComponents } from './benchmark/pretrainings.js';
export { type CellState, cellNumbered, cellState, cellsOfShare } from './benchmark/select.js';
export type { NotedUnfinished, UnfinishedInitialisation } from './benchmark/unfinished.js';
export { InputError } from './core/errors.js';
export { type Tensor, tensor } from './core/tensor.js';
export {
  type DatasetFiles,
  type DoctorReport,
  discover,
  examine,
  formatDoctorReport,
  onFileGrid,
  readInput,
  readVolumeInput,
  type VolumeInput,
} from './data/index.js';
export { type CaseInput, readCaseInput } from './data/labelled/index.js';
export { checkPreset, datasetPresets } from './data/presets/index.js';
export type { Device, DeviceChoice, Engine } from './engine/index.js';
export { startEngine } from './engine/node/index.js';
export * as spread from './features/spread/index.js';
export { type FinetuneConfig, finetunePresets } from './finetune/config.js';
export type { FinetuneEvents } from './finetune/run.js';
export * as graph from './graph/index.js';
export {
  type Pixels,
  readVolume,
  writeColours,
  writeDisplacementField,
  writeLabels,
  writePng,
  writeVectors,
  writeVolume,
} from './image/files.js';
export {
  type DicomFolder,
  type DicomImage,
  type DicomImageOptions,
  type DicomSeries,
  type DicomSeriesOptions,
  isDicom,
  listDicomSeries,
  readDicomImage,
  readDicomSeries,
  type SkippedFile,
  type Window,
} from './image/formats/dicom/index.js';
export {
  CT_WINDOWS,
  type Grid,
  type IntensityRule,
  MRI_PERCENTILES,
  resample,
  resampleToSpacing,
  spacingOf,
  toCanonical,
  toUnitVolume,
  type Volume,
} from './image/index.js';
export { writeClassification, writeSegmentation } from './metrics/files.js';
export * as metrics from './metrics/index.js';
export * as nn from './nn/index.js';
export { Cluster, type ClusterOptions, clusterOf } from './node/cluster.js';
export { type ConfigSources, loadConfig, loadFinetuneConfig } from './node/config-file.js';
export { evaluateClassifier } from './node/evaluate-classification.js';
export { evaluateFolders, evaluateSegmenter } from './node/evaluate-segmentation.js';
export { finetune } from './node/finetune.js';
export { FolderStore } from './node/folder-store.js';
export {
  type Analyzed,
  type AnalyzeOptions,
  type Atlas,
  type AtlasFolder,
  analyze,
  type ExportResult,
  evaluationCases,
  exportFinetuned,
  exportOnnx,
  type MatchedFiles,
  matchFiles,
  type NetworkOptions,
  openAtlas,
  openClassifier,
  openNetwork,
  openSegmenter,
  type RegisteredFiles,
  type RegisterFilesOptions,
  registerFiles,
} from './node/index.js';
export { importModel, loadFinetuned, loadModel } from './node/models.js';
export { pretrain } from './node/pretrain.js';
export { encodeOnnx } from './onnx/encode.js';
export { chestClasses, thoraxClasses, type WriteOptions, writePhantoms } from './phantom/index.js';
export { type Config, type MethodName, methodNames, presets } from './pretrain/config.js';
export type { Method } from './pretrain/method.js';
export { methodOf, specsOf } from './pretrain/methods.js';
export * as methods from './pretrain/own-method.js';
export type { PretrainOptions, RunEvents } from './pretrain/run.js';
export { keepMemory } from './system/kept-memory.js';
export { type Checkpoint, readCheckpoint } from './train/checkpoint.js';
export { configYaml } from './train/config/read.js';
export type { Metric } from './train/criterion.js';
export type { TrainingResult } from './train/loop.js';
export { RunFolder } from './train/run-folder.js';
export type { RunSource } from './train/start.js';
export type { Classifier } from './use/classification/classifier.js';
export { type ClassifiedImage, classify } from './use/classification/classify.js';
export type { Dispersion } from './use/dispersion/measure.js';
export { type DispersionReport, dispersionText } from './use/dispersion/report.js';
export type { FinetunedModel } from './use/finetuned-model.js';
export type { Imported } from './use/import.js';
export {
  type Correspondence,
  createNetwork,
  type EmbedOptions,
  embed,
  foldedShare,
  type ImageSimilarity,
  imageSimilarity,
  jacobianDeterminants,
  type Level,
  type MatchOptions,
  matchPoints,
  type Network,
  type NetworkHost,
  onnxBytes,
  type PairField,
  type Point,
  predictField,
  type RegisterOptions,
  type Registration,
  type RegistrationMeasures,
  register,
  registration,
} from './use/index.js';
export { createModel, type Model, modelBytes } from './use/model.js';
export { type RegistrationReport, registrationText } from './use/registration/report.js';
export { type ClassOverlap, labelOverlap, warpLabels } from './use/registration/score.js';
export { type Segmenter, type SegmentOptions, segment } from './use/segmentation/segment.js';
export { loadPth, loadSafetensors, loadWeights } from './weights/files.js';
export { formatTransferReport, readNpy, transfer, writeNpy, writeSafetensors } from './weights/index.js';
export { stateDictOf } from './weights/pth.js';
