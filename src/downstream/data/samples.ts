/**
 * The cases of one part in memory: images in [0, 1] and labels, both resized to the working extents. Memory is shared with
 * the loader's workers, so there is one copy of it.
 */
import { InputError } from '../../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import { mapLimited } from '../../data/index.js';
import { readImage, resizeLinear, toChannels, toUnitRange } from '../../image/index.js';
import type { LabelledCase } from './labelled.js';
import { checkLabels, type Labels, namesFromLabels, readLabels, resizeLabels } from './labels.js';

/** Plain data that goes to workers. */
export interface Samples {
  readonly channels: number;
  /** Working extents `[...S]`. */
  readonly shape: readonly number[];
  /** `[cases, C, ...S]` in shared memory. */
  readonly images: Float32Array;
  /** Whether a label is a map, or one class for the whole image. */
  readonly perPixel: boolean;
  /** Class indices `[cases, ...S]`, or `[cases]`. In shared memory. */
  readonly labels: Uint8Array;
}

export interface ReadOptions {
  readonly channels: 1 | 3;
  readonly size: readonly number[];
  readonly classes: readonly string[];
  readonly ignore: number;
  readonly onCase?: () => void;
}

/** The image of a case, `[C, ...S]` in [0, 1] on its own pixels. */
export async function readCaseImage(path: string, channels: 1 | 3): Promise<Tensor> {
  return toUnitRange(toChannels(await readImage(path), channels));
}

/**
 * Reads the cases of a part.
 * @throws InputError ('image') when a file cannot be read, ('data') when a label does not fit
 */
export async function readSamples(cases: readonly LabelledCase[], options: ReadOptions): Promise<Samples> {
  const { channels, size, classes, ignore, onCase } = options;
  const pixels = sizeOf(size);
  const perPixel = typeof cases[0]?.label === 'string';
  const images = shared(Float32Array, cases.length * channels * pixels);
  const labels = shared(Uint8Array, cases.length * (perPixel ? pixels : 1));
  await mapLimited(cases, 2, async ({ image, label }, index) => {
    const read = await readCaseImage(image, channels);
    images.set(resizeLinear(read, size).data, index * channels * pixels);
    if (typeof label === 'number') {
      checkClass(image, label, classes);
      labels[index] = label;
    } else {
      const own = await readLabels(label);
      checkLabels(label, own, read.shape.slice(1), classes, ignore);
      labels.set(resizeLabels(own, size).data, index * pixels);
    }
    onCase?.();
  });
  return { channels, shape: [...size], images, perPixel, labels };
}

/** The image of one case, `[C, ...S]`; memory of its own, which the engine asks for. */
export function imageOf({ channels, shape, images }: Samples, index: number): Tensor {
  const length = channels * sizeOf(shape);
  return tensor([channels, ...shape], images.slice(index * length, (index + 1) * length));
}

/** The label map of one case; shares memory. */
export function labelsOf({ shape, labels }: Samples, index: number): Labels {
  const pixels = sizeOf(shape);
  return { shape, data: labels.subarray(index * pixels, (index + 1) * pixels) };
}

/** Names of the classes where the dataset names none. */
export async function findClassNames(cases: readonly LabelledCase[], ignore: number): Promise<string[]> {
  if (typeof cases[0]?.label === 'number') {
    const largest = Math.max(1, ...cases.map(({ label }) => Number(label)));
    return Array.from({ length: largest + 1 }, (_, index) => `class ${index}`);
  }
  const all = await mapLimited(cases, 2, async ({ label }) => {
    const { shape, data } = await readLabels(String(label));
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

function shared<Type extends Float32Array | Uint8Array>(
  make: { new (buffer: SharedArrayBuffer): Type; readonly BYTES_PER_ELEMENT: number },
  length: number,
): Type {
  return new make(new SharedArrayBuffer(length * make.BYTES_PER_ELEMENT));
}
