/**
 * Settings of the data that every training has: how images become smaller, which fold; of volumes intensities and the
 * edges of voxels.
 */
import { z } from 'zod';
import { intensityNames } from '../../data/options.js';
import { range } from './sections.js';

/** Two ascending numbers. */
const interval = range.refine(([lower, upper]) => lower < upper, 'expected two numbers, the lower one first');

export const intensity = z.union(
  [z.enum(intensityNames), z.strictObject({ window: interval }), z.strictObject({ percentiles: interval })],
  `expected ${intensityNames.join(', ')}, {window: [lower, upper]} or {percentiles: [lower, upper]}`,
);

/** Edges of a voxel along z, y and x, in mm. */
export const spacing = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

/** Whether images and volumes are averaged where they become smaller. */
export const antialias = z.boolean().default(true);

/** Which fold of a division into several. */
export const fold = z.int().nonnegative().default(0);
