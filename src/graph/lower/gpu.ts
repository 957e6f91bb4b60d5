/** What a graphics card needs: through WebGPU it lacks a few operators, and binds few buffers at once. */
import type { Value } from '../graph.js';
import type { Lowering } from '../lowering.js';
import { add } from '../ops/elementwise.js';
import { columnsAsRows } from './column-product.js';
import { convBySlices } from './conv-by-slices.js';
import { gathered, spreadRows } from './corner-rows.js';
import { gapGrid } from './gap-grid.js';
import { splitInGroups } from './grouped-split.js';
import { linesByColumns } from './pixel-columns.js';
import { splitProduct } from './split-product.js';
import { gradientByChannels } from './upsample-by-channels.js';
import { type ProductOptions, weightGradientByProducts } from './weight-gradient.js';

const inParts: ProductOptions = { long: Infinity, product: splitProduct, large: linesByColumns };

export const gpu: Lowering<Value> = {
  target: 'gpu',
  // WebGPU knows GridSample as it was before set 20.
  operatorSet: 17,
  product: columnsAsRows,
  split: splitInGroups,
  // A sum of many values would be left to the CPU.
  total: (terms) => terms.reduce((a, b) => add(a, b)),
  conv: convBySlices,
  convWeightGradient: (parts, dy, kernel) => weightGradientByProducts(parts, dy, kernel, inParts),
  upsampleGradient: gradientByChannels,
  sample: (source, read) => (source.shape.length === 5 ? gathered(source, read) : undefined),
  spread: spreadRows,
  windowGrid: gapGrid,
};
