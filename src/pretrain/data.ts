/**
 * The images or volumes of a run: examined and decoded once, divided into training and validation, and written down in `data.json`.
 * An image that a run goes on without would change every batch, so a run that goes on must find the same images.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import {
  createLoader,
  type DataKind,
  discover,
  type FileReport,
  type ImageCache,
  type Loader,
  openCache,
  type PassedOver,
  splitSeries,
} from '../data/index.js';
import { writeFileAtomic } from '../system/files.js';
import { viewImageShape } from '../views/index.js';
import type { Config } from './config-index.js';
import type { SampleContext } from './cover/sample.js';
import type { BatchArrays, Method } from './method.js';

export interface RunData {
  readonly kind: DataKind;
  readonly train: ImageCache;
  /** Null where no image is held out. */
  readonly validation: ImageCache | null;
  /** The files that are not fit, with reasons. */
  readonly leftOut: readonly FileReport[];
  /** What lies in the folder and is no image of the dataset. */
  readonly passedOver: readonly PassedOver[];
  /** What views are cut from: `views.margin` times the crop. */
  readonly imageShape: readonly number[];
  close(): void;
}

/**
 * Finds the images, leaves out what `cover doctor` finds, and opens their cache. A validation image whose content is also
 * among the training images is left out.
 * @throws InputError ('data') when no training image is left
 */
export async function openData(config: Config, onCache?: (done: number, total: number) => void): Promise<RunData> {
  const { source, channels, validationShare, validationImages, minimumSize, cache, fold } = config.data;
  const { fit, spacing, intensity, slices, antialias } = config.data;
  const kind = dataKind(config);
  const files = discover(source, { kind, seed: config.seed, validationShare, fold });
  const imageShape = viewImageShape(config.views);
  const options = {
    channels,
    shape: imageShape,
    minimumSize,
    kind,
    fit,
    spacing,
    intensity,
    slices,
    antialias,
    ...(cache ? { folder: cache } : {}),
    ...(onCache ? { onProgress: onCache } : {}),
  };
  const seriesOf = (paths: readonly string[]) => (kind === 'volumes' ? splitSeries(paths) : paths);
  const train = await openCache({ ...options, files: await seriesOf(files.train) });
  const held = (await seriesOf(files.validation)).slice(0, validationImages);
  const opened = held.length ? await openCache({ ...options, files: held, apartFrom: train }) : null;
  const validation = opened?.files.length ? opened : null;
  return {
    kind,
    train,
    validation,
    leftOut: [...train.skipped, ...(opened?.skipped ?? [])],
    passedOver: files.passedOver,
    imageShape,
    close() {
      train.close();
      opened?.close();
    },
  };
}

/** Volumes where the views have three axes or are slices of volumes. */
export function dataKind({ data, views }: Config): DataKind {
  return views.crop.length === 3 || data.slices !== null ? 'volumes' : 'images';
}

/** How many files in use are smaller along an axis than what views are cut from: they are enlarged or padded. */
export function smallerCount({ train, validation, imageShape }: RunData): number {
  const smaller = (shape: readonly number[]) => shape.some((extent, axis) => extent < imageShape[axis]!);
  return [train, validation].flatMap((cache) => cache?.shapes ?? []).filter(smaller).length;
}

/** Writes `data.json`: the files in use, those left out with reasons, and a fingerprint of the images' contents. */
export function writeDataRecord(folder: string, data: RunData): void {
  const record = {
    training: data.train.files,
    validation: data.validation?.files ?? [],
    leftOut: data.leftOut.map(({ file, state, reason }) => ({ file, state, reason })),
    passedOver: data.passedOver,
    fingerprint: fingerprint(data),
  };
  writeFileAtomic(join(folder, 'data.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** @throws InputError ('data') when the images are not those that the run began with */
export function checkSameData(folder: string, data: RunData): void {
  const path = join(folder, 'data.json');
  if (!existsSync(path)) return;
  const { training, fingerprint: known } = JSON.parse(readFileSync(path, 'utf8')) as {
    training: string[];
    fingerprint: string;
  };
  if (known === fingerprint(data)) return;
  throw new InputError(
    'data',
    `${folder}: expected the ${training.length} training images that the run began with, found ${data.train.files.length} ` +
      'or other contents',
    `Restore the files that ${path} lists, or begin another run with --init-from ${folder}.`,
  );
}

function fingerprint({ train, validation }: RunData): string {
  const hash = createHash('sha256');
  for (const cache of [train, validation]) hash.update(JSON.stringify(cache?.contents ?? []));
  return hash.digest('hex');
}

/** The edges of a voxel of a validation view along [z, y, x], in mm; `null` for images. */
export function viewSpacing(cache: ImageCache, index: number, { data }: Config): readonly number[] | null {
  const spacing = cache.spacings[index] ?? null;
  if (!spacing || data.fit === 'keep' || data.slices) return spacing;
  return spacing.map((edge, axis) => (edge * cache.shapes[index]![axis]!) / cache.shape[axis]!);
}

/** A loader of the method's samples; draws for training and for validation are kept apart. */
export function viewLoader(
  config: Config,
  method: Method,
  cache: ImageCache,
  purpose: SampleContext['purpose'],
): Loader {
  const { views, seed } = config;
  return createLoader<SampleContext>({
    module: method.sampleModule,
    context: { cache: cache.path, views, curriculum: views.curriculum, seed, purpose, ...method.sampleSettings },
    workers: purpose === 'train' ? config.data.workers : 0,
    describe: (key) => cache.files[key.sample] ?? `sample ${key.sample}`,
  });
}

/** The arrays that a loader gives, by their names. */
export function namedArrays(arrays: readonly Float32Array[], method: Method, { views }: Config): BatchArrays {
  const names = Object.keys(method.sampleShapes(views.crop));
  return Object.fromEntries(names.map((name, index) => [name, arrays[index]!]));
}

/** One fixed draw for each validation image. */
export async function validationSamples(
  config: Config,
  method: Method,
  cache: ImageCache | null,
): Promise<BatchArrays[]> {
  if (!cache) return [];
  const loader = viewLoader(config, method, cache, 'validation');
  const samples: BatchArrays[] = [];
  for (let sample = 0; sample < cache.files.length; sample++) {
    samples.push(namedArrays(await loader.batch([{ epoch: 0, sample }]), method, config));
  }
  await loader.close();
  return samples;
}
