/**
 * The cases of one part: images in [0, 1] and labels, both fitted (see `recipe.ts`). Labels are in memory that the loader's
 * workers share, images as their store has them.
 */
import { InputError } from '../../core/errors.js';
import { canonicalGrid } from '../../image/index.js';
import { freeMemory } from '../../system/free-memory.js';
import { type CaseInput, mapLimited } from '../index.js';
import { readCaseInput } from '../read-input.js';
import { type ImageStore, shared } from './image-store.js';
import type { LabelledCase } from './labelled.js';
import { checkLabels, type LabelFiles, type Labels, namesFromLabels, type Place } from './labels.js';
import { readLabels } from './read-labels.js';
import { type CaseRecipe, fitted, fittedLabels, gridOf, valuesOf } from './recipe.js';
import type { Sample, Samples } from './sample-set.js';

export interface ReadOptions extends CaseRecipe {
  readonly classes: readonly string[];
  readonly ignore: number;
  readonly images: ImageStore;
  readonly onCase?: () => void;
}

/**
 * Reads the cases of a part.
 * @throws InputError ('image') when a file cannot be read, ('data') when a label does not fit, ('memory') when they are too many
 */
export async function readSamples(cases: readonly LabelledCase[], options: ReadOptions): Promise<Samples> {
  const { channels, classes, ignore, onCase } = options;
  const label = cases[0]?.label;
  const samples = await mapLimited(cases, options.window.length === 3 ? 1 : 2, async (one): Promise<Sample> => {
    const input = await readCaseInput(one.image, options);
    const { shape, data } = fitted(valuesOf(input), options);
    checkMemory(one.image, 5 * data.length);
    const image = options.images.keep(data);
    const labels = shared(Uint8Array, await targetOf(one, input));
    onCase?.();
    return { shape: shape.slice(1), image, labels };
  });
  return { channels, perPixel: typeof label !== 'number', sets: Array.isArray(label), cases: samples };

  async function targetOf({ image, label, values }: LabelledCase, input: CaseInput): Promise<Uint8Array> {
    if (typeof label === 'number') {
      checkClass(image, label, classes);
      return Uint8Array.of(label);
    }
    const own = await readLabels(label, values);
    checkLabels(label, own, placeOf(input), classes, ignore);
    return fittedLabels(own, gridOf(input), options, ignore).data;
  }
}

/** Where the labels of an input must lie: on its pixels, or on the voxels of its file turned to RAS. */
export function placeOf(input: CaseInput): Place {
  if (!('image' in input)) return { shape: input.shape.slice(1) };
  const grid = canonicalGrid(input.file);
  return { shape: grid.shape, grid };
}

/** Names of the classes where the dataset names none. */
export async function findClassNames(cases: readonly LabelledCase[], ignore: number): Promise<string[]> {
  if (typeof cases[0]?.label === 'number') {
    const largest = Math.max(1, ...cases.map(({ label }) => Number(label)));
    return Array.from({ length: largest + 1 }, (_, index) => `class ${index}`);
  }
  const all = await mapLimited(cases, 2, async ({ label, values }) => {
    const { shape, data } = await readLabels(label as LabelFiles, values);
    return { shape, data: Uint8Array.from(new Set(data)) } satisfies Labels;
  });
  return namesFromLabels(all, ignore);
}

function checkClass(image: string, label: number, classes: readonly string[]): void {
  if (label < classes.length) return;
  throw new InputError(
    'data',
    `${image}: expected a class from 0 to ${classes.length - 1} (${classes.join(', ')}), found ${label}`,
    'Mend labels.json or name the class in dataset.json.',
  );
}

/** A case is in memory as a whole when one of its windows is drawn. */
function checkMemory(image: string, bytes: number): void {
  const free = freeMemory();
  if (bytes < free) return;
  throw new InputError(
    'memory',
    `${image}: expected ${(bytes / 1e9).toFixed(1)} GB of free memory for this case, found ${(free / 1e9).toFixed(1)} GB`,
    'Use a larger data.spacing, or data.fit=resize with a smaller data.size.',
  );
}
