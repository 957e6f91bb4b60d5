/**
 * How a labelled file becomes what the network sees (`../recipe.ts`), and how its labels and results follow: images are
 * resized to fixed extents, or kept as they are, padded to at least one window and seen in windows.
 */

import { sizeOf, type Tensor } from '../../core/tensor.js';
import {
  acrossSlices,
  boxGrid,
  canonicalGrid,
  type Grid,
  resampleData,
  resizedGrid,
  type SlicePlane,
  sameGrid,
} from '../../image/index.js';
import { forEachRow } from '../../views/index.js';
import type { CaseInput } from '../input.js';
import type { Fit, Intensity } from '../options.js';
import { type FitRecipe, fittedExtents, fitted as fittedTo, type Recipe } from '../recipe.js';
import { type Labels, type Place, resizeLabels } from './labels.js';

export interface CaseRecipe extends FitRecipe, Pick<Recipe, 'channels' | 'spacing' | 'intensity'> {
  /** Extents `[...S]` that images are resized to, 0 across slices; empty where they are kept. */
  readonly size: readonly number[];
  /** Extents of the window that the network sees, as many as images have axes; a slice is one voxel thick. */
  readonly window: readonly number[];
}

/** The settings of a fine-tuning that a recipe is made of; what is `null` was left to the defaults. */
export interface RecipeSettings {
  readonly data: Omit<CaseRecipe, 'fit' | 'intensity' | 'window'> & {
    readonly fit: Fit | null;
    readonly intensity: Intensity | null;
    readonly slices: SlicePlane | null;
  };
  readonly views: { readonly crop: readonly number[] };
}

/** The recipe of a complete configuration. */
export function recipeOf({ data, views }: RecipeSettings): CaseRecipe {
  const { channels, fit, spacing, intensity, antialias, slices } = data;
  const across = (within: readonly number[], extent: number) =>
    slices && within.length > 0 ? acrossSlices(slices, within, extent) : within;
  return {
    channels,
    fit: fit ?? 'resize',
    size: across(data.size, 0),
    window: across(views.crop, 1),
    spacing,
    intensity: intensity ?? 'auto',
    antialias,
  };
}

/** The values of an input, `[C, ...S]`. */
export function valuesOf(input: CaseInput): Tensor {
  return 'image' in input ? input.image : input;
}

/** The grid of the values of an input; undefined for an image. */
export function gridOf(input: CaseInput): Grid | undefined {
  return 'image' in input ? input.grid : undefined;
}

/** Where the labels of an input must lie: on its pixels, or on the voxels of its file turned to RAS. */
export function placeOf(input: CaseInput): Place {
  if (!('image' in input)) return { shape: input.shape.slice(1) };
  const grid = canonicalGrid(input.file);
  return { shape: grid.shape, grid };
}

/** An image of any extents as the windows are cut from it. @param image `[C, ...S]` */
export function fitted(image: Tensor, recipe: CaseRecipe): Tensor {
  return fittedTo(image, wanted(recipe), recipe);
}

/** The grid of the fitted image. @param grid of the image before it was fitted; of a plane image `[H, W, 1]` */
export function fittedGrid(grid: Grid, recipe: CaseRecipe): Grid {
  const three = (extents: readonly number[]) => [...extents, 1].slice(0, 3) as unknown as Grid['shape'];
  const own = grid.shape.slice(0, recipe.window.length);
  const shape = three(fittedExtents(own, wanted(recipe), recipe.fit));
  if (recipe.fit === 'resize') return resizedGrid(grid, shape);
  return boxGrid(
    grid,
    paddingBefore(grid.shape, shape).map((before) => -before),
    shape,
  );
}

/**
 * Labels over a fitted image.
 * @param grid of the image before it was fitted; volumes of labels are brought there by the nearest voxel
 * @param outside the label of what was padded
 */
export function fittedLabels(labels: Labels, grid: Grid | undefined, recipe: CaseRecipe, outside: number): Labels {
  const own = grid && labels.grid && !sameGrid(labels.grid, grid) ? resampled(labels, labels.grid, grid) : labels;
  if (recipe.fit === 'resize') return resizeLabels(own, fittedExtents(own.shape, recipe.size, recipe.fit));
  const shape = fittedExtents(own.shape, recipe.window, recipe.fit);
  const data = new Uint8Array(sizeOf(shape)).fill(outside);
  const start = paddingBefore(own.shape, shape);
  const row = own.shape.at(-1) as number;
  let from = 0;
  forEachRow(own.shape, (index) => {
    const to = shape.reduce((place, extent, axis) => place * extent + start[axis]! + index[axis]!, 0);
    data.set(own.data.subarray(from, from + row), to);
    from += row;
  });
  return { shape, data };
}

function wanted({ fit, size, window }: CaseRecipe): readonly number[] {
  return fit === 'resize' ? size : window;
}

function resampled({ data }: Labels, from: Grid, to: Grid): Labels {
  return { shape: to.shape, data: resampleData(data, from, to, 'nearest'), grid: to };
}

/** How far the first corner moves when a grid is put in the middle of a larger one, as `padZeros` has it. */
function paddingBefore(extents: readonly number[], shape: readonly number[]): number[] {
  return shape.map((extent, axis) => Math.floor((extent - extents[axis]!) / 2));
}
