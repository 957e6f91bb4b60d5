/** Settings of volumes that every training has: their intensities and the edges of their voxels. */
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
