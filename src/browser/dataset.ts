/**
 * A labelled dataset in the browser's private file system, laid out as under Node: `images/ID.*`, of a DICOM series the
 * folder `images/ID/`, and `labels/ID.*`, `labels/CLASS/ID.*`, or `labels.json` for a classification, and perhaps
 * `splits.json` or `splits_final.json`. An image without a label is one that has still to be labelled: it is no case.
 */
import { InputError } from '../core/errors.js';
import { parsedJson } from '../core/json.js';
import { checkSetSize, setsFrom } from '../core/label-sets.js';
import { isDicomName, isVolumeName, stemOf } from '../data/file-names.js';
import { classNames } from '../data/labelled/class-names.js';
import type { LabelledCase, Layout } from '../data/labelled/labelled.js';
import { checkPlace, type LabelFiles, type Labels, labelsOfImage, labelsOfVolume } from '../data/labelled/labels.js';
import { checkSplits, SPLIT_FILES, type Splits, splitsIn } from '../data/splits.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { Volume } from '../image/index.js';
import { isPageFile, isPageVolume } from './file-kinds.js';
import type { OpfsStore } from './opfs-store.js';
import { type FileContent, readData, readVolume } from './read-data.js';

/**
 * The labelled cases of a dataset.
 * @throws InputError ('data') where there is none, or a file of names is not understood
 */
export async function layoutOf(store: OpfsStore, task: FinetuneConfig['task'], fold = 0): Promise<Layout> {
  const files = await store.files();
  const images = byStem(files.filter((file) => file.startsWith('images/')));
  const description = await jsonAt(store, 'dataset.json');
  const classes = classNames(`${store.name}/dataset.json`, description?.classes ?? description?.labels);
  const found = task === 'classification' ? await labelTable(store, images) : labelMaps(store, images, files);
  const splits = await splitsAt(store, fold);
  if (found.cases.length > 0) {
    if (!splits) return { classes, ...found };
    checkSplits(splits, new Set(found.cases.map(({ id }) => id)), store.name);
    return { classes, ...found, parts: splits.parts, dividedBy: splits.path };
  }
  throw new InputError('data', `${store.name}: expected at least one labelled image, found none`, 'Label an image.');
}

/** The division that a dataset names; undefined where it names none. @throws InputError as `splitsIn` does */
export async function splitsAt(store: OpfsStore, fold: number): Promise<Splits | undefined> {
  const names = await store.list();
  const contents = new Map<string, unknown>();
  for (const name of SPLIT_FILES) if (names.includes(name)) contents.set(name, await parsedAt(store, name));
  const pathOf = (name: string) => `${store.name}/${name}`;
  return splitsIn({ path: store.name, names, pathOf, parse: (name) => contents.get(name) }, fold);
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
    if (label === undefined) return [];
    const series = isPageVolume(image) && !isVolumeName(image);
    return [{ id, image, label, patient: id, ...(series ? { series } : {}) }];
  });
}

/** Images and volumes by their names without folder and extension, sorted; a folder of DICOM files by its own name. */
export function byStem(files: readonly string[]): Map<string, string> {
  const named = files.filter(isPageFile).map((file): readonly [string, string] => {
    const [base, folder, ...rest] = file.split('/');
    const inSeries = rest.length === 1 && isDicomName(file);
    return inSeries ? [folder!, `${base}/${folder}`] : [stemOf(file), file];
  });
  return new Map(named.sort(([a], [b]) => (a < b ? -1 : 1)));
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
  const decoded = await readData(await contentAt(store, file), file, isVolumeName(file) ? 'volumes' : 'images');
  return decoded.kind === 'images' ? labelsOfImage(file, decoded.image) : labelsOfVolume(file, decoded.volume);
}

/** A volume of a dataset, as it is stored. */
export async function volumeAt(store: OpfsStore, file: string): Promise<Volume> {
  return readVolume(await contentAt(store, file), file);
}

/** A file that must be there; of a folder, which is a DICOM series, the files in it. */
export async function contentAt(store: OpfsStore, path: string): Promise<FileContent> {
  const bytes = await store.read(path);
  if (bytes) return bytes;
  const files = new Map<string, Uint8Array>();
  for (const name of await store.list(path)) {
    const within = await store.read(`${path}/${name}`);
    if (within) files.set(`${path}/${name}`, within);
  }
  if (files.size > 0) return files;
  throw new InputError('file', `${store.name}/${path}: there is no such file`);
}

async function jsonAt(store: OpfsStore, file: string): Promise<Readonly<Record<string, unknown>> | null> {
  const content = await parsedAt(store, file);
  if (content === undefined) return null;
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  throw noJson(store, file, 'an object in JSON');
}

/** Undefined where there is no such file. @throws InputError ('data') where it is not JSON */
async function parsedAt(store: OpfsStore, file: string): Promise<unknown> {
  const bytes = await store.read(file);
  if (!bytes) return undefined;
  const content = parsedJson(new TextDecoder().decode(bytes));
  if (content === undefined) throw noJson(store, file, 'JSON');
  return content;
}

function noJson(store: OpfsStore, file: string, wanted: string): InputError {
  return new InputError('data', `${store.name}/${file}: expected ${wanted}, found something else`, 'Mend the file.');
}
