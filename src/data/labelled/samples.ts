/**
 * The cases of one part: images in [0, 1] and labels, both fitted (see `recipe.ts`). Labels are in memory that the
 * loader's workers share, images as their store has them.
 */
import { InputError } from '../../core/errors.js';
import { freeMemory } from '../../system/free-memory.js';
import { mapLimited } from '../parallel.js';
import { readCaseInput } from '../read-input.js';
import type { OnWarnings } from '../warnings.js';
import { type ImageStore, shared } from './image-store.js';
import type { LabelledCase } from './labelled.js';
import type { Labels } from './labels.js';
import { readLabels } from './read-labels.js';
import { type CaseRecipe, fitted, valuesOf } from './recipe.js';
import type { Sample, Samples } from './sample-set.js';
import { targetOf } from './target.js';

export interface ReadOptions extends CaseRecipe {
  readonly classes: readonly string[];
  readonly ignore: number;
  readonly images: ImageStore;
  readonly onCase?: () => void;
  readonly onWarnings?: OnWarnings;
}

/**
 * Reads the cases of a part.
 * @throws InputError ('image') when a file cannot be read, ('data') when a label does not fit, ('memory') when they are
 * too many
 */
export async function readSamples(cases: readonly LabelledCase[], options: ReadOptions): Promise<Samples> {
  const { channels, onCase } = options;
  const label = cases[0]?.label;
  const samples = await mapLimited(cases, options.window.length === 3 ? 1 : 2, async (one): Promise<Sample> => {
    const input = await readCaseInput(one.image, options, options.onWarnings);
    const { shape, data } = fitted(valuesOf(input), options);
    checkMemory(one.image, 5 * data.length);
    const image = options.images.keep(data);
    const labels = shared(Uint8Array, targetOf(one, input, await labelsOf(one), options));
    onCase?.();
    return { shape: shape.slice(1), image, labels };
  });
  return { channels, perPixel: typeof label !== 'number', sets: Array.isArray(label), cases: samples };
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

/** The labels of a case; null where it has one class. */
function labelsOf({ label, values }: LabelledCase): Promise<Labels | null> {
  return typeof label === 'number' ? Promise.resolve(null) : readLabels(label, values);
}
