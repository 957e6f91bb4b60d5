/**
 * What a program takes to train a method of its own on the same backbone: the parts of a method, its samples, and the
 * trainer. What is learned becomes a file for every command through `createModel` and `modelBytes`.
 */
export type { Random } from '../core/random.js';
export { randomStream } from '../core/random.js';
export type { SampleKey } from '../data/batch.js';
export { initialParameters, unpackParameters } from '../nn/index.js';
export type { BatchArrays, Losses, Objective, Result, Values } from '../train/objective.js';
export { namedArrays } from '../train/objective.js';
export { learningRate } from '../train/schedule.js';
export { createTrainer, type StepResult, type Trainer, type TrainerOptions } from '../train/trainer.js';
export { BACKBONE, type BackboneOptions, backboneSpecs, type PairFeatures, pairFeatures } from './backbone.js';
export { defineMethod, type Learned, type Method, type MethodDefinition } from './method.js';
export { GROUP, objectiveOf } from './methods.js';
export { networkOptions } from './network-options.js';
export { type ImageRecords, type MakeSample, makeViews, type SampleContext, sampleViews } from './sample.js';
export { viewShapes } from './view-shapes.js';
