/**
 * The images of a pretraining in a page: files of a dataset in the browser's private file system, decoded into memory,
 * left out and divided by the rules of every other place.
 */
import { counted } from '../core/counted.js';
import { InputError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import type { SampleKey } from '../data/batch.js';
import { drawValidation } from '../data/draw-validation.js';
import { stemOf } from '../data/file-names.js';
import { makeRecord } from '../data/recipe.js';
import { readWindow } from '../data/record-window.js';
import { duplicateOf, type FileReport } from '../data/report.js';
import { checkSplits, requireTraining, type Splits } from '../data/splits.js';
import { kindsOf } from '../data/taken.js';
import type { FileWarnings } from '../data/warnings.js';
import type { Config } from '../pretrain/config.js';
import type { ImageSet, PretrainHost, RunImages } from '../pretrain/host.js';
import { methodOf } from '../pretrain/methods.js';
import type { TrainingHost } from '../train/host.js';
import { viewImageShape } from '../views/index.js';
import { splitsAt } from './dataset.js';
import { examineFile } from './examine.js';
import { isPageImage, volumesAmong } from './file-kinds.js';
import { localBatches } from './local-batches.js';
import { OpfsStore } from './opfs-store.js';

/** The largest value of 16 bits, which volumes are kept in under Node, so that they have the same values here. */
const LARGEST = 65535;

/**
 * @param digest a hash of bytes
 * @param place of the images; where the configuration says, if absent
 */
export function openImages(digest: TrainingHost['digest'], place?: string): PretrainHost['openImages'] {
  return async (config, onProgress) => {
    const { validationShare, validationImages } = config.data;
    const source = place ?? config.data.source;
    const [kind] = kindsOf(config);
    const store = new OpfsStore(source);
    const files = (await store.files()).filter((name) => !name.startsWith('labels/'));
    const names = kind === 'volumes' ? volumesAmong(files) : files.filter(isPageImage);
    if (names.length === 0) {
      throw new InputError('data', `${source}: expected ${kind}, found none`, 'Add files to this dataset.');
    }
    const splits = await splitsAt(store, config.data.fold);
    const { train: all, validation: listed } = splits ? partsOf(names, splits, source) : { train: names };
    const divided = listed ? { train: all, validation: listed } : drawValidation(all, config.seed, validationShare);
    const held = divided.validation.slice(0, validationImages);
    const known = new Map<string, string>();
    let done = 0;
    const read = (files: readonly string[]) =>
      openSet(config, kind, store, files, known, digest, () =>
        onProgress?.(++done, divided.train.length + held.length),
      );
    const train = await read(divided.train);
    if (train.set.files.length === 0) throw noneFit(source, train.skipped);
    const validation = await read(held);
    return {
      kind,
      train: train.set,
      validation: validation.set.files.length > 0 ? validation.set : null,
      leftOut: [...train.skipped, ...validation.skipped],
      notImages: [],
      warned: [...train.warned, ...validation.warned],
      imageShape: viewImageShape(config.views),
      samples: (purpose) => samplesOf(config, purpose === 'train' ? train.set : validation.set, purpose),
      close() {},
    };
  };
}

/**
 * The images of a division, of those in `images/`; what no list names is not used, and `test` is never trained on.
 * @throws InputError ('data') for a name without an image, or a division that does not list the training images
 */
function partsOf(names: readonly string[], splits: Splits, source: string) {
  requireTraining(splits);
  const files = new Map(names.filter((name) => name.startsWith('images/')).map((name) => [stemOf(name), name]));
  checkSplits(splits, new Set(files.keys()), `${source}/images`);
  const { train, validation } = splits.parts;
  const find = (ids: readonly string[]) => ids.map((id) => files.get(id)!).sort();
  return { train: find(train!), ...(validation ? { validation: find(validation) } : {}) };
}

interface OpenedSet {
  readonly set: ImageSet;
  readonly skipped: readonly FileReport[];
  readonly warned: readonly FileWarnings[];
}

/** @param known names by the hashes of contents that were seen before */
async function openSet(
  config: Config,
  kind: RunImages['kind'],
  store: OpfsStore,
  files: readonly string[],
  known: Map<string, string>,
  digest: TrainingHost['digest'],
  onFile: () => void,
): Promise<OpenedSet> {
  const { channels, minimumSize, slices, fit, spacing, intensity, antialias } = config.data;
  const shape = viewImageShape(config.views);
  const recipe = { kind, channels, shape, fit, spacing, intensity, slices, antialias };
  const used: { file: string; content: string; record: ReturnType<typeof makeRecord> }[] = [];
  const skipped: FileReport[] = [];
  const warned: FileWarnings[] = [];
  for (const file of files) {
    const report = await prepare(file);
    if (report) skipped.push(report);
    onFile();
  }
  const records = used.map(({ record }) => record.data.shape.slice(1));
  return {
    skipped,
    warned,
    set: {
      ...{ channels, shape, records },
      files: used.map(({ file }) => file),
      contents: used.map(({ content }) => content),
      shapes: used.map(({ record }) => record.extents),
      spacings: used.map(({ record }) => record.spacing ?? null),
      window(index, start, size) {
        const { data } = used[index]!.record.data;
        const values = (from: number, count: number) => data.subarray(from, from + count);
        return tensor([channels, ...size], readWindow(values, 0, channels, { record: records[index]!, start, size }));
      },
    },
  };

  /** Takes a file that is fit; the report of one that is not. */
  async function prepare(file: string): Promise<FileReport | null> {
    const { report, decoded, content } = await examineFile(store, file, { kind, minimumSize, slices }, digest);
    if (!decoded || content === undefined) return report;
    const original = known.get(content);
    if (original !== undefined) return duplicateOf(report, original);
    const record = makeRecord(decoded, recipe);
    if (kind === 'volumes') {
      const { data } = record.data;
      for (let at = 0; at < data.length; at++) data[at] = Math.fround(Math.round(data[at]! * LARGEST) / LARGEST);
    }
    known.set(content, file);
    used.push({ file, content, record });
    if (report.warnings?.length) warned.push({ file, warnings: report.warnings });
    return null;
  }
}

function samplesOf(config: Config, images: ImageSet, purpose: 'train' | 'validation') {
  const { views, seed } = config;
  const method = methodOf(config);
  const context = { images, views, curriculum: views.curriculum, seed, purpose };
  return localBatches(
    (key: SampleKey) => method.makeSample(context, key),
    ({ sample }) => images.files[sample] ?? `sample ${sample}`,
  );
}

function noneFit(source: string, skipped: readonly FileReport[]): InputError {
  const reasons = skipped.slice(0, 3).map(({ file, state, reason }) => `\n  ${state}: ${file}: ${reason}`);
  return new InputError(
    'data',
    `${source}: expected at least one image that is fit, found none among ${counted(skipped.length, 'file')}${reasons.join('')}`,
    'Replace or convert the files.',
  );
}
