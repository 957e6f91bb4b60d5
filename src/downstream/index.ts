/** What a pretrained backbone is good for: segmentation and classification with few labels, and how good they are. */
export { type Classifier, evaluateClassifier, openClassifier } from './classification/evaluate.js';
export { type FinetuneConfig, finetuneSchema, loadFinetuneConfig, tasks } from './config.js';
export { type LabelledCase, type PartName, partNames, readCaseImage } from './data/index.js';
export { type Dispersion, measureDispersion } from './dispersion/measure.js';
export { type DispersionReport, dispersionCsv, dispersionText } from './dispersion/report.js';
export { type Analyzed, type AnalyzeOptions, analyze, untrainedModel } from './dispersion/run.js';
export type { FinetuneEvents, FinetuneFacts } from './events.js';
export { exportFinetuned, finetunedOnnx } from './export-onnx.js';
export { type FinetunedModel, finetunedBytes, isFinetuned, loadFinetuned } from './model.js';
export { type RegistrationReport, registrationText } from './registration/report.js';
export { type RegisteredFiles, type RegisterFilesOptions, registerFiles } from './registration/run.js';
export { type ClassOverlap, labelOverlap, warpLabels } from './registration/score.js';
export { type FinetuneResult, finetune } from './run.js';
export { evaluateFolders, evaluateSegmenter } from './segmentation/evaluate.js';
export { openSegmenter, type Segmenter, type SegmentOptions, segment } from './segmentation/segment.js';
export { casesOf, type FinetuneSource } from './start.js';
