/**
 * What a file of `cover export` does itself and what stays outside of it. An image that the network sees as a whole
 * goes in as it is stored and comes out on its own pixels; where it is seen in windows, or a volume has to be brought
 * to a grid first, the file begins with one window. What stays outside is written into the metadata, step by step.
 */

import { type Intensity, intensityRule } from '../../data/intensity.js';
import { type CaseRecipe, recipeOf } from '../../data/labelled/recipe.js';
import type { FinetuneConfig } from '../../finetune/config.js';
import type { Preparation } from './preparation.js';

export interface ExportPlan {
  readonly preparation: Preparation;
  /** Steps outside of the file, in their order. */
  readonly outside: readonly Step[];
}

/** A step with its numbers, as the metadata have it. */
export type Step = { readonly step: string } & Readonly<Record<string, unknown>>;

/** @param maximum the largest stored value of images, or 1 for values that have been brought to [0, 1] */
export function exportPlan(config: FinetuneConfig, maximum: number): ExportPlan {
  const recipe = recipeOf(config);
  const { channels, fit, size, window, spacing, antialias } = recipe;
  const { slices } = config.data;
  const volume = window.length === 3;
  // Of a slice the file takes rows and columns.
  const input = config.task === 'classification' ? size : config.views.crop;
  const whole = fit === 'resize' && !slices && input.join() === size.join();
  const resize = whole && !(volume && spacing);
  const preparation = { channels, values: valuesOf(recipe, maximum), size: input, resize, antialias };
  const before = volume ? volumeSteps(recipe) : [];
  if (resize) return { preparation, outside: before };
  return { preparation, outside: [...before, ...windowSteps(recipe, whole, config)] };
}

/** A volume of which nothing is said. */
const UNKNOWN = { modality: 'other' } as const;

/** A window of real values is the same for every volume; percentiles are not, and belong to what is done before. */
function valuesOf({ window, intensity }: CaseRecipe, maximum: number): Preparation['values'] {
  return window.length === 3 ? (fixedWindow(intensity) ?? { maximum: 1 }) : { maximum };
}

/** The real values that become 0 and 1, where they are the same for every volume. */
export function fixedWindow(intensity: Intensity): { readonly lower: number; readonly upper: number } | null {
  if (intensity === 'auto') return null;
  const rule = intensityRule(intensity, UNKNOWN);
  return rule.kind === 'window' ? { lower: rule.lower, upper: rule.upper } : null;
}

function volumeSteps({ intensity, spacing }: CaseRecipe): Step[] {
  const steps: Step[] = [{ step: 'turn', axes: 'z, y, x', orientation: 'RAS' }];
  if (!fixedWindow(intensity)) {
    const rule =
      intensity === 'auto'
        ? { ofCT: { window: [-1000, 1000] }, ofOthers: percentiles(intensity) }
        : percentiles(intensity);
    steps.push({ step: 'intensity', ...rule, of: 'values above the lowest, nearest rank', to: [0, 1], clip: true });
  }
  if (spacing) steps.push({ step: 'resample', spacing, unit: 'mm', interpolation: 'linear' });
  return steps;
}

function percentiles(intensity: Intensity) {
  const rule = intensityRule(intensity === 'auto' ? 'percentiles' : intensity, UNKNOWN);
  return { percentiles: [rule.lower, rule.upper] };
}

/** What `cover segment` does around a window. */
function windowSteps(
  { fit, size, window, spacing, antialias }: CaseRecipe,
  whole: boolean,
  { task, data }: FinetuneConfig,
): Step[] {
  const places = 'half-pixel';
  const { slices } = data;
  const fitting: Step =
    fit === 'resize'
      ? {
          step: 'resize',
          extents: size,
          ...(slices ? { kept: 'where 0' } : {}),
          interpolation: 'linear',
          places,
          antialias,
        }
      : { step: 'pad', least: window, with: 0, image: 'in the middle' };
  const gaussian = { kind: 'gaussian', deviation: window.map((extent) => extent / 8), least: 1e-3 };
  const windows: Step[] = whole
    ? []
    : [
        { step: 'windows', extents: window, overlap: 0.5, spread: 'evenly, the last at the end of the image' },
        ...(slices ? [{ step: 'slice', plane: slices, reversed: 'rows and columns' }] : []),
        { step: 'network' },
        ...(slices ? [{ step: 'reverse', axes: 'rows and columns' }] : []),
        { step: 'blend', weights: gaussian, divide: 'by the sum of the weights' },
      ];
  const back = spacing ? 'the grid of the file' : "the image's own pixels";
  if (task === 'classification') return [fitting];
  const rule = data.multiLabel ? 'every class above 1/2' : 'the most probable class, the first of equal ones';
  return [fitting, ...windows, { step: 'place', on: back, interpolation: 'linear', places }, { step: 'decide', rule }];
}
