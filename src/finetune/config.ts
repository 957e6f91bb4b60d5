/**
 * The configuration of a fine-tuning run: every key, its type, its range and its default. What depends on the data or on the
 * pretrained network (extents, channels, classes) is empty until the run starts; `config.yaml` has it complete.
 */
import { z } from 'zod';
import { fits } from '../data/index.js';
import { tasks } from '../data/labelled/task.js';
import { presetNames } from '../data/presets/presets.js';
import { devices } from '../engine/engine.js';
import { defaultChannels } from '../nn/index.js';
import { configSchema, readSettings } from '../pretrain/config-index.js';
import { optimizerNames } from '../train/optimizer.js';

export { type Task, tasks } from '../data/labelled/task.js';

/** `frozen`: the head alone learns. `full`: everything. `warm`: the head alone for the first steps, then everything. */
const backboneModes = ['frozen', 'full', 'warm'] as const;

/** `all`: the whole U-Net is taken over. `encoder`: the decoder begins afresh, and counts as part of the head. */
const transfers = ['all', 'encoder'] as const;

/** `inverse`: a class weighs as the inverse of its share of the labelled pixels or cases, with a mean of 1. */
export const classWeightings = ['none', 'inverse'] as const;

/** Settings that mean the same as in pretraining. */
const pretraining = configSchema.shape.data.unwrap().shape;

const count = z.int().positive();
const share = z.number().min(0).max(0.9);
const range = z.tuple([z.number().min(0), z.number().min(0)]);

export const finetuneSchema = z.strictObject({
  task: z.enum(tasks).default('segmentation'),
  seed: z.int().nonnegative().default(0),
  device: z.enum(devices).default('cpu'),
  threads: z.int().nonnegative().default(0),
  data: z
    .strictObject({
      source: z.string().default(''),
      /** A named dataset (docs/datasets.md); empty: the layout of the folder is found out. */
      preset: z.enum(['', ...presetNames]).default(''),
      channels: z.union([z.literal(1), z.literal(3)]).default(1),
      /** What images are resized to; empty: as in the pretraining, or where they are kept as they are. */
      size: z.array(count).max(3).default([]),
      /** `resize` to `size`, or `keep` as they are and see windows; null: volumes as in the pretraining, images resized. */
      fit: z.enum(fits).nullable().default(null),
      /** Images and volumes are averaged where they become smaller, and not only interpolated. */
      antialias: pretraining.antialias,
      /** Volumes: edges of a voxel along z, y, x in mm; null: as in the pretraining, else those of each file. */
      spacing: pretraining.spacing.unwrap().default(null),
      /** Volumes: which values become 0 and 1; null: as in the pretraining, else `auto`. */
      intensity: pretraining.intensity.unwrap().nullable().default(null),
      /** Names of the classes, background first; empty: those of the data. */
      classes: z.array(z.string()).default([]),
      /** Classes may overlap: a mask for each in labels/CLASS/. Found out from the data. */
      multiLabel: z.boolean().default(false),
      /** A label that belongs to no class. */
      ignore: z.int().nonnegative().max(255).default(255),
      validationShare: share.default(0.15),
      testShare: share.default(0.2),
      /** Which fold of nnU-Net's `splits_final.json`, from 0. */
      fold: pretraining.fold,
      /** The seed of the division into parts; null: the run's. */
      splitSeed: z.int().nonnegative().nullable().default(null),
      /** A regular expression whose first group is the patient of a case. */
      patients: z.string().default(''),
      /** The share of the training cases that is used. */
      fraction: z.number().positive().max(1).default(1),
      /** How many training cases are used; wins over the fraction. */
      cases: count.nullable().default(null),
      workers: z.int().nonnegative().max(64).default(1),
      /** GB of images that are kept in memory; null: half of what is free. More are read from the run's folder. */
      memory: z.number().min(0).nullable().default(null),
    })
    .prefault({}),
  views: z
    .strictObject({
      /** The window that the network sees; empty: the whole resized image, or a usual size of kept ones. */
      crop: z.array(count).max(3).default([]),
      /** The share of windows about a labelled pixel; null: 1/3 where volumes are kept, else 0. */
      foreground: z.number().min(0).max(1).nullable().default(null),
      degree: z.number().min(0).max(1.9).default(0.3),
      /** Axes along which images are mirrored, each with a chance of one half: 0 rows, 1 columns; of volumes 0 z, 1 y, 2 x. */
      flips: z.array(z.int().min(0).max(2)).default([]),
      noise: range.default([0, 0.02]),
      blur: range.default([0, 0]),
      contrast: range.default([0.75, 1.25]),
      brightness: z.number().min(0).default(0.05),
    })
    .prefault({}),
  model: z
    .strictObject({
      /** The pretrained network, or `scratch`. */
      from: z.string().default('scratch'),
      channels: z
        .array(count)
        .length(9)
        .default([...defaultChannels]),
    })
    .prefault({}),
  backbone: z
    .strictObject({
      transfer: z.enum(transfers).default('all'),
      mode: z.enum(backboneModes).default('full'),
      /** Steps before the backbone of the mode `warm` begins to learn. */
      frozenSteps: z.int().nonnegative().default(100),
      /** The backbone's learning rate is this many times the head's. */
      rate: z.number().positive().default(1),
    })
    .prefault({}),
  loss: z
    .strictObject({
      crossEntropy: z.number().min(0).default(1),
      dice: z.number().min(0).default(1),
      classWeights: z.enum(classWeightings).default('none'),
    })
    .prefault({}),
  optimizer: configSchema.shape.optimizer
    .unwrap()
    .extend({
      name: z.enum(optimizerNames).default('adamw'),
      rate: z.number().positive().default(1e-3),
      weightDecay: z.number().min(0).default(1e-2),
    })
    .prefault({}),
  schedule: configSchema.shape.schedule
    .unwrap()
    .extend({ steps: count.default(600), warmup: z.int().nonnegative().default(20) })
    .prefault({}),
  batch: configSchema.shape.batch,
  run: z
    .strictObject({
      validateEvery: count.default(50),
      checkpointEvery: count.default(100),
      keepCheckpoints: count.default(2),
      logEvery: count.default(1),
      /** Looks without an improvement after which the run ends; none where null. */
      patience: count.nullable().default(null),
    })
    .prefault({}),
});

/** A complete configuration of a fine-tuning run. */
export type FinetuneConfig = z.output<typeof finetuneSchema>;

/**
 * @throws InputError ('config') for an unreadable file, an unknown key or a wrong value
 * @example loadFinetuneConfig({ settings: ['data.source=xrays', 'backbone.mode=frozen'] }).schedule.steps // 600
 */
export function loadFinetuneConfig(
  sources: { readonly file?: string | undefined; readonly settings?: readonly string[] } = {},
): FinetuneConfig {
  return readSettings(finetuneSchema, {}, sources);
}
