/**
 * A labelled dataset in the browser's private file system, laid out as under Node: `images/ID.*`, and `labels/ID.*`,
 * `labels/CLASS/ID.*`, or `labels.json` for a classification. An image without a label is one that has still to be
 * labelled: it is no case.
 */
import { InputError } from '../core/errors.js';
import { checkSetSize, setsFrom } from '../core/label-sets.js';
import type { Decoded } from '../data/decoded.js';
import { isImageName, isVolumeName, stemOf } from '../data/file-names.js';
import { classNames } from '../data/labelled/class-names.js';
import type { LabelledCase, Layout } from '../data/labelled/labelled.js';
import { checkPlace, type LabelFiles, type Labels, labelsOfImage, labelsOfVolume } from '../data/labelled/labels.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { Volume } from '../image/index.js';
import type { OpfsStore } from './opfs-store.js';
import { readData } from './read-data.js';

/**
 * The labelled cases of a dataset.
 * @throws InputError ('data') where there is none, or a file of names is not understood
 */
export async function layoutOf(store: OpfsStore, task: FinetuneConfig['task']): Promise<Layout> {
  const files = await store.files();
  const images = byStem(files.filter((file) => file.startsWith('images/')));
  const description = await jsonAt(store, 'dataset.json');
  const classes = classNames(`${store.name}/dataset.json`, description?.classes ?? description?.labels);
  const found = task === 'classification' ? await labelTable(store, images) : labelMaps(store, images, files);
  if (found.cases.length > 0) return { classes, ...found };
  throw new InputError('data', `${store.name}: expected at least one labelled image, found none`, 'Label an image.');
}

function labelMaps(
  store: OpfsStore,
  images: ReadonlyMap<string, string>,
  files: readonly string[],
): Partial<Layout> & Pick<Layout, 'cases'> {
  const within = files.filter((file) => file.startsWith('labels/'));
  const folders = [
    ...new Set(within.flatMap((file) => (file.split('/').length > 2 ? [file.split('/')[1]!] : []))),
  ].sort();
  if (folders.length === 0) {
    const labels = byStem(within);
    return { cases: casesOf(images, (id) => labels.get(id)) };
  }
  checkSetSize(`${store.name}/labels`, folders);
  const masks = folders.map((name) => byStem(within.filter((file) => file.startsWith(`labels/${name}/`))));
  const complete = (id: string) => {
    const found = masks.map((ofClass) => ofClass.get(id));
    return found.every((file) => file !== undefined) ? (found as string[]) : undefined;
  };
  return { cases: casesOf(images, complete), classes: ['background', ...folders], multiLabel: true };
}

async function labelTable(store: OpfsStore, images: ReadonlyMap<string, string>): Promise<Pick<Layout, 'cases'>> {
  const table = (await jsonAt(store, 'labels.json')) ?? {};
  const classOf = (id: string) => {
    const label = table[id];
    return Number.isInteger(label) && (label as number) >= 0 ? (label as number) : undefined;
  };
  return { cases: casesOf(images, classOf) };
}

function casesOf(
  images: ReadonlyMap<string, string>,
  labelOf: (id: string) => LabelledCase['label'] | undefined,
): LabelledCase[] {
  return [...images].flatMap(([id, image]): LabelledCase[] => {
    const label = labelOf(id);
    return label === undefined ? [] : [{ id, image, label, patient: id }];
  });
}

/** Images and volumes by their names without folder and extension, sorted. */
function byStem(files: readonly string[]): Map<string, string> {
  const known = files.filter((file) => isImageName(file) || isVolumeName(file));
  const sorted = known.map((file) => [stemOf(file), file] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted);
}

/** Class indices; of a mask for each class the sets. */
export async function readLabels(store: OpfsStore, files: LabelFiles): Promise<Labels> {
  if (typeof files === 'string') return indicesAt(store, files);
  const masks: Labels[] = [];
  for (const file of files) {
    const mask = await indicesAt(store, file);
    checkPlace(file, mask, masks[0] ?? mask);
    masks.push(mask);
  }
  return { ...masks[0]!, data: setsFrom(masks.map(({ data }) => data)), sets: true };
}

async function indicesAt(store: OpfsStore, file: string): Promise<Labels> {
  const decoded = await decodedAt(store, file);
  return decoded.kind === 'images' ? labelsOfImage(file, decoded.image) : labelsOfVolume(file, decoded.volume);
}

/** A volume of a dataset, as it is stored. */
export async function volumeAt(store: OpfsStore, file: string): Promise<Volume> {
  const decoded = await decodedAt(store, file);
  if (decoded.kind === 'volumes') return decoded.stored;
  throw new InputError('image', `${file}: expected a volume, found an image`);
}

async function decodedAt(store: OpfsStore, file: string): Promise<Decoded> {
  return readData(await bytesAt(store, file), file, isVolumeName(file) ? 'volumes' : 'images');
}

/** The bytes of a file that must be there. */
export async function bytesAt(store: OpfsStore, file: string): Promise<Uint8Array> {
  const bytes = await store.read(file);
  if (bytes) return bytes;
  throw new InputError('file', `${store.name}/${file}: there is no such file`);
}

async function jsonAt(store: OpfsStore, file: string): Promise<Readonly<Record<string, unknown>> | null> {
  const bytes = await store.read(file);
  if (!bytes) return null;
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>;
  } catch {
    // It is told below.
  }
  throw new InputError(
    'data',
    `${store.name}/${file}: expected an object in JSON, found something else`,
    'Mend the file.',
  );
}
