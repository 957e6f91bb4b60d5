/**
 * What needs files or Node's engine: networks from paths, and whole evaluations, registrations, analyses and exports.
 */

export type { Atlas, AtlasFolder } from '../use/segmentation/labelled-atlas.js';
export { type Analyzed, type AnalyzeOptions, analyze, untrainedModel } from './analyze.js';
export { openAtlas } from './atlas.js';
export { type EvaluationCases, evaluationCases, partOfTraining } from './evaluation-cases.js';
export { type ExportResult, exportFinetuned, exportOnnx } from './export.js';
export { type FoundPoint, type MatchedFiles, type MatchFilesOptions, matchFiles } from './match-files.js';
export { type NetworkOptions, openClassifier, openNetwork, openSegmenter } from './networks.js';
export { type RegisteredFiles, type RegisterFilesOptions, registerFiles } from './register-files.js';
