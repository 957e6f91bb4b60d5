/**
 * The configuration that every method of pretraining has: each key with its type, its range, its default and its
 * meaning.
 */
import { z } from 'zod';
import { fits } from '../data/options.js';

import { warpConventions } from '../graph/index.js';
import { slicePlanes } from '../image/geometry/slice-planes.js';
import { defaultChannels } from '../nn/index.js';
import {
  batchSection,
  count,
  machineKeys,
  optimizerSection,
  range,
  runKeys,
  scheduleSection,
} from '../train/config/sections.js';
import { antialias, fold, intensity, spacing } from '../train/config/volume-values.js';
import { consistencyNames } from './agreement.js';

const windowRadius = z.int().min(1).max(5);

const elastic = z.strictObject({
  alpha: range.default([0, 1000]).describe('strength of the deformation, drawn between'),
  sigma: range.default([10, 13]).describe('smoothness in pixels, drawn between'),
});

const curriculum = z.strictObject({
  from: z.number().min(0).max(1).default(0.2).describe('the share of the strength in the first step'),
  steps: count.default(200).describe('steps until the whole strength'),
});

const data = z
  .strictObject({
    source: z.string().default('').describe('a folder of images or volumes, or a manifest'),
    channels: z
      .union([z.literal(1), z.literal(3)])
      .default(1)
      .describe('1 (gray) or 3'),
    validationShare: z.number().min(0).max(0.9).default(0.05).describe('held out, where the data name no split'),
    fold: fold.describe("which fold of nnU-Net's splits_final.json, from 0"),
    validationImages: z.int().nonnegative().default(64).describe('how many of them are looked at'),
    minimumSize: count.nullable().default(null).describe('a shorter axis leaves a file out; null: 32 pixels, 8 voxels'),
    fit: z
      .enum(fits)
      .default('resize')
      .describe('resize to margin times the crop; keep: padded where smaller, a random window where larger'),
    antialias: antialias.describe('average what becomes smaller; networks from before it interpolate alone'),
    spacing: spacing.nullable().default(null).describe('volumes: mm along z, y, x that they are resampled to'),
    intensity: intensity.default('auto').describe('volumes: which values become 0 and 1'),
    slices: z.enum(slicePlanes).nullable().default(null).describe('volumes slice by slice, for a 2D run'),
    workers: z.int().nonnegative().max(64).default(1).describe('threads that make views ahead; change no number'),
    cache: z.string().default('').describe('where decoded, resized images are kept; empty: ~/.cache/cover-ts'),
  })
  .prefault({});

const appearance = z
  .strictObject({
    noise: range.default([0, 0.02]).describe('deviation of the noise, drawn between'),
    blur: range.default([0, 0]).describe('sigma in pixels, drawn between'),
    contrast: range.default([0.5, 1.5]).describe('factor about the mean, drawn between'),
    brightness: z.number().min(0).default(0.1).describe('deviation of the offset'),
    inpaint: z
      .strictObject({
        blocks: z.int().nonnegative().default(10).describe('blocks of noise at most'),
        probability: z.number().min(0).max(1).default(0.95).describe('that another block follows'),
      })
      .prefault({}),
  })
  .prefault({});

const views = z
  .strictObject({
    crop: z
      .array(count)
      .min(2, 'expected two extents for images or three for volumes')
      .max(3, 'expected two extents for images or three for volumes')
      .default([128, 128])
      .describe('extents of the views, each divisible by 16; three for volumes'),
    margin: z.number().min(1).default(1.5).describe('an image is resized to this many times the crop'),
    degree: z.number().min(0).max(1.9).default(0.5).describe('strength of the affine transformation'),
    elastic: elastic.nullable().default(null).describe('elastic deformation; null: none'),
    curriculum: curriculum
      .nullable()
      .prefault({})
      .describe('small displacements first: the strength grows to the whole; null: whole from the first step'),
    appearance,
    minimumValidShare: z.number().min(0).max(1).default(0.05).describe('views with fewer valid pixels are drawn again'),
  })
  .prefault({});

const model = z
  .strictObject({
    channels: z
      .array(count)
      .length(9)
      .default([...defaultChannels])
      .describe('nine blocks of the U-Net, divisible by 8'),
    heads: z.array(count).length(5).default([4, 4, 4, 1, 1]).describe('heads per level, deepest first'),
    window: z
      .union([windowRadius, z.array(windowRadius).length(5)])
      .default([3, 2, 2, 2, 2])
      .describe('radius of the window per level, deepest first, or one for all'),
    warp: z.enum(warpConventions).default('aligned').describe("reference for the authors' checkpoints"),
    pyramid: z.boolean().default(true).describe("false leaves the full-resolution level's vectors alone"),
  })
  .prefault({});

const weight = z.number().min(0);

const losses = z
  .strictObject({
    consistency: z
      .enum(consistencyNames)
      .default('cosine')
      .describe('compares features (cosine, the paper), or features less their mean over the view'),
    weights: z
      .strictObject({
        vector: weight.default(1).describe('weight of the vector loss of cover'),
        consistency: weight.default(1).describe('weight of the consistency loss of cover'),
        variance: weight.default(0).describe('of cover: against channels that are alike in all pixels of a view'),
        covariance: weight.default(0).describe('of cover: against channels that say the same'),
      })
      .prefault({}),
  })
  .prefault({});

/** The sections before those of the methods, and behind them. */
export const firstSections = { ...machineKeys, data, views, model, losses };
export const lastSections = {
  optimizer: optimizerSection({ name: 'adam', rate: 3e-4, weightDecay: 1e-4 }),
  schedule: scheduleSection({ steps: 700, warmup: 50 }),
  batch: batchSection,
  run: z
    .strictObject({
      ...runKeys({ validateEvery: 100, keepCheckpoints: 3 }),
      writeFields: z.boolean().default(false).describe('volumes: writes predicted fields in mm'),
    })
    .prefault({}),
};

const base = z.strictObject({ ...firstSections, ...lastSections });

/** A complete configuration but for the method and its own settings. */
export type BaseConfig = z.output<typeof base>;
