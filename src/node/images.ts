/**
 * The images of a pretraining under Node: discovered in folders, decoded into a cache file, made views of in worker
 * threads.
 */
import { resolve } from 'node:path';
import { checkSource } from '../data/discover.js';
import { createLoader, discover, type ImageCache, openCache, splitSeries } from '../data/index.js';
import { kindsOf } from '../data/taken.js';
import type { Config } from '../pretrain/config.js';
import type { RunImages } from '../pretrain/host.js';
import { viewImageShape } from '../views/index.js';
import type { ViewSampleContext } from './view-samples.js';

/** @throws InputError ('data') where the path of the images is wrong, which is told before anything starts */
export function checkImages(config: Config): void {
  checkSource(config.data.source, kindsOf(config)[0]);
}

/** Finds, decodes and divides the images that a configuration names. */
export async function openImages(
  config: Config,
  onProgress?: (done: number, total: number) => void,
): Promise<RunImages> {
  const { source, channels, validationShare, validationImages, minimumSize, cache, fold } = config.data;
  const { fit, spacing, intensity, slices, antialias } = config.data;
  const [kind] = kindsOf(config);
  const files = discover(source, { kind, seed: config.seed, validationShare, fold });
  const imageShape = viewImageShape(config.views);
  const options = {
    ...{ channels, shape: imageShape, minimumSize, kind, fit, spacing, intensity, slices, antialias },
    ...(cache ? { folder: cache } : {}),
    ...(onProgress ? { onProgress } : {}),
  };
  const seriesOf = (paths: readonly string[]) => (kind === 'volumes' ? splitSeries(paths) : paths);
  const train = await openCache({ ...options, files: await seriesOf(files.train) });
  const held = (await seriesOf(files.validation)).slice(0, validationImages);
  const opened = held.length ? await openCache({ ...options, files: held, apartFrom: train }) : null;
  const validation = opened?.files.length ? opened : null;
  return {
    ...{ kind, train, validation, imageShape },
    leftOut: [...train.skipped, ...(opened?.skipped ?? [])],
    warned: [...train.warned, ...(opened?.warned ?? [])],
    notImages: files.passedOver,
    samples: (purpose) => viewLoader(config, purpose === 'train' ? train : validation!, purpose),
    close() {
      train.close();
      opened?.close();
    },
  };
}

/** A loader of the method's samples; draws for training and for validation are kept apart. */
export function viewLoader(config: Config, { path, files }: ImageCache, purpose: ViewSampleContext['purpose']) {
  return createLoader<ViewSampleContext>({
    module: new URL('./view-samples.js', import.meta.url),
    context: { cache: resolve(path), config, purpose },
    workers: purpose === 'train' ? config.data.workers : 0,
    describe: (key) => files[key.sample] ?? `sample ${key.sample}`,
  });
}
