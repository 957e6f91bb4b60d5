/** The configuration of a run: every key, its type, its range and its default. */
import { z } from 'zod';
import { intensityNames } from '../data/intensity.js';
import { fits } from '../data/recipe.js';
import { devices } from '../engine/engine.js';
import { warpConventions } from '../graph/index.js';
import { slicePlanes } from '../image/geometry/slice-planes.js';
import { defaultChannels } from '../nn/index.js';
import { optimizerNames } from '../train/optimizer.js';
import { scheduleNames } from '../train/schedule.js';
import { consistencyNames } from './cover/losses.js';
import { methodNames } from './method.js';

const count = z.int().positive();
const windowRadius = z.int().min(1).max(5);
const range = z.tuple([z.number(), z.number()]);

/** Of a moment: with 1 it would never change. */
const decay = z.number().min(0).lt(1);

/** Two ascending numbers. */
const interval = range.refine(([lower, upper]) => lower < upper, 'expected two numbers, the lower one first');
const intensity = z.union(
  [z.enum(intensityNames), z.strictObject({ window: interval }), z.strictObject({ percentiles: interval })],
  `expected ${intensityNames.join(', ')}, {window: [lower, upper]} or {percentiles: [lower, upper]}`,
);
/** Edges of a voxel along z, y and x, in mm. */
const spacing = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

const elastic = z.strictObject({
  alpha: range.default([0, 1000]),
  sigma: range.default([10, 13]),
});

const curriculum = z.strictObject({
  from: z.number().min(0).max(1).default(0.2),
  steps: count.default(200),
});

const share = z.number().min(0).max(1);

const settings = z.strictObject({
  method: z.enum(methodNames).default('cover'),
  seed: z.int().nonnegative().default(0),
  device: z.enum(devices).default('cpu'),
  threads: z.int().nonnegative().default(0),
  data: z
    .strictObject({
      source: z.string().default(''),
      channels: z.union([z.literal(1), z.literal(3)]).default(1),
      validationShare: z.number().min(0).max(0.9).default(0.05),
      fold: z.int().nonnegative().default(0),
      validationImages: z.int().nonnegative().default(64),
      minimumSize: count.nullable().default(null),
      fit: z.enum(fits).default('resize'),
      antialias: z.boolean().default(true),
      spacing: spacing.nullable().default(null),
      intensity: intensity.default('auto'),
      slices: z.enum(slicePlanes).nullable().default(null),
      workers: z.int().nonnegative().max(64).default(1),
      cache: z.string().default(''),
    })
    .prefault({}),
  views: z
    .strictObject({
      crop: z
        .array(count)
        .min(2, 'expected two extents for images or three for volumes')
        .max(3, 'expected two extents for images or three for volumes')
        .default([128, 128]),
      margin: z.number().min(1).default(1.5),
      degree: z.number().min(0).max(1.9).default(1.5),
      elastic: elastic.nullable().default(null),
      curriculum: curriculum.nullable().prefault({}),
      appearance: z
        .strictObject({
          noise: range.default([0, 0.02]),
          blur: range.default([0, 0]),
          contrast: range.default([0.5, 1.5]),
          brightness: z.number().min(0).default(0.1),
          inpaint: z
            .strictObject({
              blocks: z.int().nonnegative().default(10),
              probability: z.number().min(0).max(1).default(0.95),
            })
            .prefault({}),
        })
        .prefault({}),
      minimumValidShare: z.number().min(0).max(1).default(0.05),
    })
    .prefault({}),
  model: z
    .strictObject({
      channels: z
        .array(count)
        .length(9)
        .default([...defaultChannels]),
      heads: z.array(count).length(5).default([4, 4, 4, 1, 1]),
      window: z.union([windowRadius, z.array(windowRadius).length(5)]).default([3, 2, 2, 2, 2]),
      warp: z.enum(warpConventions).default('aligned'),
      pyramid: z.boolean().default(true),
    })
    .prefault({}),
  losses: z.strictObject({ consistency: z.enum(consistencyNames).default('cosine') }).prefault({}),
  contrast: z
    .strictObject({
      stride: count.default(8),
      temperature: z.number().positive().default(0.1),
      projection: count.default(32),
    })
    .prefault({}),
  restoration: z
    .strictObject({
      shuffle: share.default(0.5),
      nonlinear: share.default(0.9),
      paint: share.default(0.9),
      outpaint: share.default(0.8),
    })
    .prefault({}),
  optimizer: z
    .strictObject({
      name: z.enum(optimizerNames).default('adam'),
      rate: z.number().positive().default(3e-4),
      weightDecay: z.number().min(0).default(1e-4),
      betas: z.tuple([decay, decay]).default([0.9, 0.999]),
      epsilon: z.number().positive().default(1e-8),
      momentum: z.number().min(0).max(1).default(0.9),
      nesterov: z.boolean().default(false),
      clip: z.number().positive().nullable().default(1),
    })
    .prefault({}),
  schedule: z
    .strictObject({
      name: z.enum(scheduleNames).default('cosine'),
      steps: count.default(700),
      warmup: z.int().nonnegative().default(50),
    })
    .prefault({}),
  batch: z.strictObject({ size: count.default(4), micro: z.int().nonnegative().default(0) }).prefault({}),
  run: z
    .strictObject({
      validateEvery: count.default(100),
      checkpointEvery: count.default(100),
      keepCheckpoints: count.default(3),
      logEvery: count.default(1),
      writeFields: z.boolean().default(false),
    })
    .prefault({}),
});

export const configSchema = settings
  .refine(({ data, views }) => data.slices === null || views.crop.length === 2, {
    path: ['views', 'crop'],
    message: 'expected two extents, since data.slices takes volumes slice by slice',
  })
  .refine(
    ({ method, contrast, views }) => method !== 'contrast' || views.crop.every((e) => e % contrast.stride === 0),
    {
      path: ['contrast', 'stride'],
      message: 'expected a divisor of every extent of views.crop',
    },
  )
  .refine(({ method, run }) => method === 'cover' || !run.writeFields, {
    path: ['run', 'writeFields'],
    message: 'expected false, since only the method cover predicts displacement fields',
  });

/** A complete configuration. */
export type Config = z.output<typeof configSchema>;

/** Named settings: what the authors released, and what the paper reports. */
export const presets: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  default: {},
  release: {
    views: { crop: [384, 384], curriculum: null },
    model: { window: 2, warp: 'reference' },
    optimizer: { name: 'adam', rate: (1e-4 * 24) / 256, weightDecay: 1e-4, clip: 1 },
    schedule: { name: 'constant', warmup: 0, steps: 200000 },
    batch: { size: 24, micro: 1 },
  },
  paper: {
    views: { crop: [384, 384], curriculum: null },
    model: { window: 3 },
    optimizer: { name: 'sgd', rate: 1e-4 },
    schedule: { name: 'constant', warmup: 0, steps: 200000 },
    batch: { size: 24, micro: 1 },
  },
};
