/**
 * The cases of one part: images in [0, 1] and labels, both fitted (see `recipe.ts`). Labels are in memory that the loader's
 * workers share, images as their store has them.
 */
import { InputError } from '../../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import { canonicalGrid } from '../../image/index.js';
import { freeMemory } from '../../system/free-memory.js';
import { type CaseInput, mapLimited } from '../index.js';
import { type ImageStore, type KeptImage, loadImage, shared } from './image-store.js';
import type { LabelledCase } from './labelled.js';
import { checkLabels, type LabelFiles, type Labels, namesFromLabels, type Place, readLabels } from './labels.js';
import { type CaseRecipe, fitted, fittedLabels, gridOf, readCaseInput, valuesOf } from './recipe.js';

/** Plain data that goes to workers. */
export interface Samples {
  readonly channels: number;
  /** Whether a label is a map, or one class for the whole image. */
  readonly perPixel: boolean;
  /** Whether a map holds sets of classes. */
  readonly sets: boolean;
  readonly cases: readonly Sample[];
}

export interface Sample {
  /** Extents `[...S]`: those of all cases where images are resized, of at least a window where they are kept. */
  readonly shape: readonly number[];
  /** `[C, ...S]` */
  readonly image: KeptImage;
  /** Class indices or sets `[...S]`, or `[1]`. */
  readonly labels: Uint8Array;
}

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

/** The image of one case, `[C, ...S]`; shares memory. */
export function sharedImageOf({ channels, cases }: Samples, index: number): Tensor {
  const { shape, image } = cases[index];
  return tensor([channels, ...shape], loadImage(image, channels * sizeOf(shape)));
}

/** The image of one case, `[C, ...S]`; memory of its own, which the engine asks for. */
export function imageOf(samples: Samples, index: number): Tensor {
  const { shape, data } = sharedImageOf(samples, index);
  return tensor(shape, data.slice());
}

/** The label map of one case; shares memory. */
export function labelsOf({ cases, sets }: Samples, index: number): Labels {
  const { shape, labels } = cases[index];
  return { shape, data: labels, sets };
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
