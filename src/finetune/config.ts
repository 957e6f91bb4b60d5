/**
 * The configuration of a fine-tuning run: every key with its type, its range, its default and its meaning. What depends
 * on the data or on the pretrained network (extents, channels, classes) is empty until the run starts; `config.yaml`
 * has it complete.
 */
import { z } from 'zod';
import { tasks } from '../data/labelled/task.js';
import { fits } from '../data/options.js';
import { presetNames } from '../data/presets/presets.js';
import { slicePlanes } from '../image/index.js';
import { defaultChannels } from '../nn/index.js';
import { type Presets, presetNamed } from '../train/config/presets.js';
import { readSettings, type YamlFile } from '../train/config/read.js';
import {
  batchSection,
  count,
  machineKeys,
  optimizerSection,
  runKeys,
  scheduleSection,
} from '../train/config/sections.js';
import { antialias, fold, intensity, spacing } from '../train/config/volume-values.js';

export { type Task, tasks } from '../data/labelled/task.js';

/** `frozen`: the head alone learns. `full`: everything. `warm`: the head alone for the first steps, then everything. */
const backboneModes = ['frozen', 'full', 'warm'] as const;

/** `all`: the whole U-Net is taken over. `encoder`: the decoder begins afresh, and counts as part of the head. */
const transfers = ['all', 'encoder'] as const;

/** `inverse`: a class weighs as the inverse of its share of the labelled pixels or cases, with a mean of 1. */
export const classWeightings = ['none', 'inverse'] as const;

const share = z.number().min(0).max(0.9);
const range = z.tuple([z.number().min(0), z.number().min(0)]);

const data = z
  .strictObject({
    source: z.string().default('').describe('a folder with images/ and labels/, or as MSD or nnU-Net lay it out'),
    preset: z
      .enum(['', ...presetNames])
      .default('')
      .describe('a named dataset; empty: the layout of the folder is found out'),
    channels: z
      .union([z.literal(1), z.literal(3)])
      .default(1)
      .describe('1 (gray) or 3; of a pretrained network, its own'),
    size: z
      .array(count)
      .max(3)
      .default([])
      .describe('what images are resized to, divisible by 16; empty: as in the pretraining'),
    fit: z
      .enum(fits)
      .nullable()
      .default(null)
      .describe('resize, or keep and see windows; null: images resize; volumes as in the pretraining, else keep'),
    antialias: antialias.describe('average what becomes smaller; networks from before it interpolate alone'),
    slices: z
      .enum(slicePlanes)
      .nullable()
      .default(null)
      .describe('volumes slice by slice, for a network of two axes; null: as in the pretraining'),
    spacing: spacing
      .nullable()
      .default(null)
      .describe('volumes: mm along z, y, x; null: as in the pretraining, else of each file'),
    intensity: intensity
      .nullable()
      .default(null)
      .describe('volumes: which values become 0 and 1; null: as in the pretraining, else auto'),
    classes: z.array(z.string()).default([]).describe('names of the classes, background first; empty: of the data'),
    multiLabel: z.boolean().default(false).describe('classes may overlap: a mask for each; found out from the data'),
    removeIslands: z
      .array(z.string())
      .nullable()
      .default(null)
      .describe(
        'classes from whose masks pieces smaller than half of the largest are taken; null: those that are one piece in ten labels and more',
      ),
    ignore: z.int().nonnegative().max(255).default(255).describe('a label that belongs to no class'),
    validationShare: share.default(0.15).describe('held out, where the data name no parts'),
    testShare: share.default(0.2).describe('held out for the test, where the data name no parts'),
    fold: fold.describe("which fold of nnU-Net's splits_final.json, from 0"),
    splitSeed: z.int().nonnegative().nullable().default(null).describe("of the division into parts; null: the run's"),
    patients: z.string().default('').describe('a regular expression whose first group is the patient of a case'),
    fraction: z.number().positive().max(1).default(1).describe('the share of the training cases that is used'),
    cases: count.nullable().default(null).describe('how many training cases are used; wins over the fraction'),
    workers: z.int().nonnegative().max(64).default(1).describe('threads that make samples ahead; change no number'),
    memory: z
      .number()
      .min(0)
      .nullable()
      .default(null)
      .describe('GB of images in memory, more are read from disk; null: half of what is free'),
  })
  .prefault({});

const views = z
  .strictObject({
    crop: z
      .array(count)
      .max(3)
      .default([])
      .describe('the window that the network sees, divisible by 16; empty: all of it, or a usual size'),
    foreground: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .default(null)
      .describe('the share of windows about a labelled pixel; null: 1/3 of kept volumes, else 0'),
    degree: z.number().min(0).max(1.9).default(0.3).describe('strength of the spatial augmentation; 0: none'),
    flips: z
      .array(z.int().min(0).max(2))
      .default([])
      .describe(
        'axes mirrored at random: 0 rows, 1 columns; volumes 0 z, 1 y, 2 x. Not where left and right are classes',
      ),
    noise: range.default([0, 0.02]).describe('deviation of the noise, drawn between'),
    blur: range.default([0, 0]).describe('sigma in pixels, drawn between'),
    contrast: range.default([0.75, 1.25]).describe('factor about the mean, drawn between'),
    brightness: z.number().min(0).default(0.05).describe('deviation of the offset'),
  })
  .prefault({});

const model = z
  .strictObject({
    from: z.string().default('scratch').describe('a pretrained run or file, or scratch: random weights'),
    channels: z
      .array(count)
      .length(9)
      .default([...defaultChannels])
      .describe('nine blocks of the U-Net; of a pretrained network, its own'),
  })
  .prefault({});

const backbone = z
  .strictObject({
    transfer: z.enum(transfers).default('all').describe('all, or encoder: the decoder begins afresh with the head'),
    mode: z
      .enum(backboneModes)
      .default('full')
      .describe('frozen: the head alone learns; warm: the head alone at first'),
    frozenSteps: z.int().nonnegative().default(100).describe('steps before the backbone of the mode warm learns'),
    rate: z.number().positive().default(1).describe("the backbone's learning rate, as a multiple of the head's"),
    standardise: z
      .boolean()
      .default(true)
      .describe('the head sees features of mean 0 and deviation 1, as measured on the first training samples'),
  })
  .prefault({});

const loss = z
  .strictObject({
    crossEntropy: z.number().min(0).default(1).describe('weight of the cross-entropy'),
    dice: z.number().min(0).default(1).describe('weight of the soft Dice'),
    classWeights: z.enum(classWeightings).default('none').describe('inverse: rare classes weigh more'),
  })
  .prefault({});

export const finetuneSchema = z.strictObject({
  task: z.enum(tasks).default('segmentation').describe('a class for every pixel, or one for the image'),
  ...machineKeys,
  data,
  views,
  model,
  backbone,
  loss,
  optimizer: optimizerSection({ name: 'adamw', rate: 1e-3, weightDecay: 1e-2 }),
  schedule: scheduleSection({ steps: 600, warmup: 20 }),
  batch: batchSection,
  run: z
    .strictObject({
      ...runKeys({ validateEvery: 50, keepCheckpoints: 2 }),
      patience: count.nullable().default(null).describe('looks without an improvement after which the run ends'),
    })
    .prefault({}),
});

/** A complete configuration of a fine-tuning run. */
export type FinetuneConfig = z.output<typeof finetuneSchema>;

/**
 * Named settings. `paper`: how the authors fine-tune, as far as they have published it (GVSL, He and others, CVPR 2023,
 * and its code): the whole U-Net with a new 1×1 convolution, Adam at 1e-4 without a schedule, one sample a step, random
 * windows and no other augmentation, 40,000 steps, the best of a look every 200.
 */
export const finetunePresets: Presets = {
  default: {},
  paper: {
    views: { degree: 0, flips: [], noise: [0, 0], blur: [0, 0], contrast: [1, 1], brightness: 0, foreground: 0 },
    backbone: { transfer: 'all', mode: 'full', rate: 1, standardise: false },
    optimizer: { name: 'adam', rate: 1e-4, weightDecay: 0, clip: null },
    schedule: { name: 'constant', warmup: 0, steps: 40000 },
    batch: { size: 1 },
    run: { validateEvery: 200 },
  },
};

export interface FinetuneSources {
  /** `default` or `paper`. */
  readonly preset?: string | undefined;
  readonly file?: YamlFile | undefined;
  /** Settings such as `optimizer.rate=1e-3`; they win over the file. */
  readonly settings?: readonly string[] | undefined;
}

/**
 * @throws InputError ('config') for an unknown preset, an unknown key or a wrong value
 * @example readFinetuneConfig({ settings: ['data.source=xrays', 'backbone.mode=frozen'] }).schedule.steps // 600
 */
export function readFinetuneConfig({ preset = 'default', file, settings }: FinetuneSources = {}): FinetuneConfig {
  return readSettings(finetuneSchema, presetNamed(finetunePresets, preset), { file, settings });
}
