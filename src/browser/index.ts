/** The library for pages: trainings, networks and data in the browser, on onnxruntime-web. */

export { InputError } from '../core/errors.js';
export type { Store, StoreLock } from '../core/store.js';
export { type Tensor, tensor } from '../core/tensor.js';
export type { CaseInput, VolumeInput } from '../data/input.js';
export type { Device, DeviceChoice, Engine } from '../engine/index.js';
export { startEngine, type WebEngineOptions } from '../engine/web/index.js';
export { type FinetuneConfig, readFinetuneConfig } from '../finetune/config.js';
export type { FinetuneEvents, FinetuneFacts } from '../finetune/run.js';
export type { Image, Volume } from '../image/index.js';
export { type Config, readConfig } from '../pretrain/config.js';
export type { RunEvents, RunFacts } from '../pretrain/run.js';
export type { TrainRecord, ValidationRecord } from '../train/events.js';
export type { TrainingResult } from '../train/loop.js';
export { RunFolder } from '../train/run-folder.js';
export { type ClassifiedImage, classify } from '../use/classification/classify.js';
export { type EmbedOptions, embed } from '../use/embed.js';
export { type PairField, predictField } from '../use/field.js';
export { type Correspondence, type MatchOptions, matchPoints, type Point } from '../use/match.js';
export type { Network } from '../use/network.js';
export { type RegisterOptions, type Registration, register } from '../use/register.js';
export { type Segmentation, type Segmenter, type SegmentOptions, segment } from '../use/segmentation/segment.js';
export { openClassifier, openNetwork, openSegmenter } from './networks.js';
export { OpfsStore } from './opfs-store.js';
export { type FileContent, readImage, readVolume } from './read-data.js';
export { readInput } from './read-input.js';
export { packRun, unpackRun } from './run-archive.js';
export { finetune, type PageTraining, type PageTrainingOptions, pretrain } from './training.js';
