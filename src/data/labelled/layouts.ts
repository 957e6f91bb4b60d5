/**
 * The layouts of labelled datasets, each known by what is in its folder: `images/` with `labels/` (or `labels.json` for
 * classification), the Medical Segmentation Decathlon's `dataset.json` with a list, and nnU-Net's raw folder.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { counted } from '../../core/counted.js';
import { InputError } from '../../core/errors.js';
import { checkSetSize } from '../../core/label-sets.js';
import { firstFew } from '../../core/lists.js';
import { IMAGE_EXTENSIONS, isImageName, isVolumeName, stemOf, VOLUME_EXTENSIONS } from '../index.js';
import { isDicomFile } from '../kinds.js';
import { isResultName } from '../passed-over.js';
import { readSplits } from '../read-splits.js';
import { checkSplits } from '../splits.js';
import { entriesIn, isFile, isFolder, statsOf } from '../stats.js';
import type { LabelledCase, Layout } from './labelled.js';
import { firstFile, type LabelFiles } from './labels.js';
import { classNames, type JsonObject, readClassTable, readJson } from './tables.js';
import type { Task } from './task.js';

/**
 * Finds out the layout of a folder and lists its cases; no image is opened.
 * @param fold which fold of `splits_final.json`, from 0
 * @throws InputError ('data') when the folder has no known layout, an image has no label or a label no image, or the
 * file of the parts is not understood or names a case that is not there
 */
export function readLayout(folder: string, task: Task, fold = 0): Layout {
  if (!isFolder(folder)) {
    throw new InputError('data', `${folder}: expected a folder of labelled images, found none`, 'Check the path.');
  }
  entriesIn(folder); // A folder that may not be read is told as such.
  const descriptionPath = join(folder, 'dataset.json');
  const description = readJson(descriptionPath);
  const layout =
    task === 'classification'
      ? classificationFolder(folder)
      : isFolder(join(folder, 'imagesTr')) && !Array.isArray(description?.training)
        ? nnunetFolder(folder)
        : Array.isArray(description?.training)
          ? decathlonFolder(folder, description.training as JsonObject[])
          : pairsFolder(folder);
  const classes = classNames(descriptionPath, description?.classes ?? description?.labels);
  return { classes, ...layout, ...divisionOf(folder, layout.cases, fold) };
}

/**
 * The parts that a file in the folder lists; nothing where there is none.
 * @throws InputError ('data') when it is not understood or names a case that is not there
 */
export function divisionOf(
  folder: string,
  cases: readonly LabelledCase[],
  fold: number,
): Pick<Layout, 'parts' | 'dividedBy'> {
  const splits = readSplits(folder, fold);
  if (!splits) return {};
  checkSplits(splits, new Set(cases.map(({ id }) => id)), folder);
  return { parts: splits.parts, dividedBy: splits.path };
}

type Found = Omit<Layout, 'classes'> & Partial<Pick<Layout, 'classes'>>;

/** `images/ID.*` and `labels/ID.*`, or `labels/CLASS/ID.*`; perhaps with `splits.json` and `cases.json`. */
function pairsFolder(folder: string): Found {
  const images = filesById(join(folder, 'images'), { series: true });
  const { files, ...kind } = labelFolder(join(folder, 'labels'));
  refuseOrphans(files, new Set(images.keys()), (id) => `${join(folder, 'images', id)}.*`);
  const bare = [...images.keys()].filter((id) => !files.has(id));
  if (bare.length > 0) {
    throw new InputError(
      'data',
      `${join(folder, 'images', bare[0]!)}.*: expected a label ${join(folder, 'labels', bare[0]!)}.*, found none${othersText(bare.length)}`,
      'Images and labels share their names; take images without a label out of the folder.',
    );
  }
  return { ...withPatients(folder, [...images], (id) => files.get(id)!), ...kind };
}

/** @throws InputError ('data') naming the first label whose image is not there */
function refuseOrphans(
  labels: ReadonlyMap<string, LabelFiles>,
  images: ReadonlySet<string>,
  nameOf: (id: string) => string,
): void {
  const orphans = [...labels].filter(([id]) => !images.has(id));
  const [first] = orphans;
  if (!first) return;
  const [id, label] = first;
  throw new InputError(
    'data',
    `${firstFile(label)}: this label has no image ${nameOf(id)}${othersText(orphans.length)}`,
    'Add or remove it.',
  );
}

/** For the first of many of the same fault. */
function othersText(count: number): string {
  return count > 1 ? `, and ${count - 1} more like it` : '';
}

/** The labels of a folder by id. */
export interface LabelFolder extends Partial<Pick<Layout, 'classes' | 'multiLabel'>> {
  readonly files: ReadonlyMap<string, LabelFiles>;
}

/**
 * `ID.*`, class indices; or `CLASS/ID.*`, a mask for each class, which may overlap. The names of the folders are those
 * of the classes, in the order of the alphabet.
 * @throws InputError ('data') when there is no label, an id lacks a mask, or there are too many classes
 */
export function labelFolder(folder: string): LabelFolder {
  const entries = isFolder(folder) ? entriesIn(folder) : [];
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const classes = visible.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (classes.length === 0 || visible.some(({ name }) => isDataFile(join(folder, name))))
    return { files: filesById(folder) };
  classes.sort();
  checkSetSize(folder, classes);
  const masks = classes.map((name) => filesById(join(folder, name)));
  const ids = new Set(masks.flatMap((files) => [...files.keys()]));
  const files = new Map<string, LabelFiles>();
  for (const id of [...ids].sort()) {
    files.set(
      id,
      masks.map((ofClass, index) => ofClass.get(id) ?? missingMask(join(folder, classes[index]!), id)),
    );
  }
  return { files, classes: ['background', ...classes], multiLabel: true };
}

function missingMask(folder: string, id: string): never {
  throw new InputError(
    'data',
    `${join(folder, id)}.*: expected a mask of every class for "${id}", found none of this one`,
    'Where the class is not in the image, store a mask of zeros.',
  );
}

/**
 * `images/ID.*`, and the class of each in `labels.json` (`{"ID": class}`) or `labels.csv` (`ID,class` a line); the ID
 * may have the extension of its file.
 */
function classificationFolder(folder: string): Found {
  const path = join(folder, 'labels.json');
  const labels = readJson(path) ?? readClassTable(join(folder, 'labels.csv'));
  if (!labels) {
    throw new InputError(
      'data',
      `${path}: expected the classes of the images, found neither this file nor labels.csv`,
      'Example: {"scan-1": 0, "scan-2": 1}',
    );
  }
  const used = new Set<string>();
  const classOf = (id: string, image: string) => {
    const key = Object.hasOwn(labels, id) ? id : basename(image);
    const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
    used.add(key);
    if (Number.isInteger(label) && (label as number) >= 0) return label as number;
    const found = label === undefined ? 'none' : JSON.stringify(label);
    throw new InputError(
      'data',
      `${folder}: expected a class of 0, 1, 2, … for the image "${id}", found ${found}`,
      'Every image in images/ has its line in labels.json or labels.csv.',
    );
  };
  const { cases, notes } = withPatients(folder, [...filesById(join(folder, 'images'), { series: true })], classOf);
  const gone = Object.keys(labels).filter((key) => !used.has(key));
  const table = isFile(path) ? path : join(folder, 'labels.csv');
  return { cases, notes: [...notes, ...goneNotes(`${table} names`, gone)] };
}

/** @param names of images that are not there */
function goneNotes(where: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const images = names.length === 1 ? '1 image that is' : `${names.length} images that are`;
  return [`${where} ${images} not there: ${firstFew(names)}`];
}

/** `dataset.json` with `training: [{image, label}]`, paths relative to the folder. */
function decathlonFolder(folder: string, training: readonly JsonObject[]): Found {
  const pairs = training.map(({ image, label }) => ({
    image: join(folder, String(image)),
    label: join(folder, String(label)),
  }));
  const cases = pairs.map((paths): LabelledCase => {
    for (const path of Object.values(paths)) {
      if (statsOf(path)) continue;
      throw new InputError(
        'data',
        `${folder}/dataset.json: expected a file at every path, found none at ${path}`,
        'Paths are relative to the folder of dataset.json.',
      );
    }
    const series = isFolder(paths.image);
    const id = series ? basename(paths.image) : stemOf(paths.image);
    return { id, ...paths, patient: id, ...(series ? { series } : {}) };
  });
  return { cases: cases.sort(byId), notes: unlistedNotes(pairs) };
}

/** Images beside those that a list names. */
function unlistedNotes(pairs: readonly Readonly<Record<'image' | 'label', string>>[]): string[] {
  const named = new Set(pairs.flatMap(({ image, label }) => [resolve(image), resolve(label)]));
  const folders = new Set(pairs.map(({ image }) => dirname(resolve(image))));
  return [...folders].sort().flatMap((folder) => {
    const paths = entriesIn(folder).map(({ name }) => join(folder, name));
    const files = paths.filter((path) => !named.has(path) && isDataFile(path));
    if (files.length === 0) return [];
    const images = counted(files.length, 'image');
    return [`${folder} has ${images} that dataset.json does not list: ${firstFew(files.map(stemOf))}`];
  });
}

/** `imagesTr/ID_0000.*` and `labelsTr/ID.*`; `imagesTs` with `labelsTs` are the test cases where both are there. */
function nnunetFolder(folder: string): Found {
  const notes: string[] = [];
  const part = (images: string, labels: string): LabelledCase[] => {
    if (!isFolder(join(folder, images))) return [];
    if (!isFolder(join(folder, labels))) {
      notes.push(`${join(folder, images)} has no labels beside it (${labels}) and is not used`);
      return [];
    }
    const masks = filesById(join(folder, labels));
    const cases = [...filesById(join(folder, images))].map(([name, image]) => {
      const [, id = '', channel] = /^(.*)_(\d{4})$/.exec(name) ?? [];
      if (channel !== '0000') {
        throw new InputError(
          'data',
          `${image}: expected one file ID_0000.* for each case, found ${channel ? `channel ${channel}` : 'another name'}`,
          'Images of several files are not supported; keep one of them.',
        );
      }
      const label = masks.get(id);
      if (label) return { id, image, label, patient: id };
      throw new InputError(
        'data',
        `${image}: expected a label ${join(folder, labels, id)}.*, found none`,
        'Add or remove it.',
      );
    });
    const ids = new Set(cases.map(({ id }) => id));
    refuseOrphans(masks, ids, (id) => `${join(folder, images, id)}_0000.*`);
    return cases;
  };
  const [train, test] = [part('imagesTr', 'labelsTr'), part('imagesTs', 'labelsTs')];
  const parts = test.length ? { parts: { test: test.map(({ id }) => id) } } : {};
  return { cases: [...train, ...test].sort(byId), ...parts, notes };
}

/** Patients as `cases.json` names them: `{"ID": {"patient": …}}`. */
function withPatients(
  folder: string,
  images: readonly (readonly [id: string, image: string])[],
  labelOf: (id: string, image: string) => LabelFiles | number,
): { readonly cases: LabelledCase[]; readonly notes: readonly string[] } {
  const path = join(folder, 'cases.json');
  const facts = readJson(path) ?? {};
  const factsOf = (id: string) => (Object.hasOwn(facts, id) ? (facts[id] as JsonObject | null) : undefined);
  const cases = images.map(([id, image]): LabelledCase => {
    const known = { id, image, label: labelOf(id, image), patient: String(factsOf(id)?.patient ?? id) };
    return isFolder(image) ? { ...known, series: true } : known;
  });
  const ids = new Set(cases.map(({ id }) => id));
  const gone = Object.keys(facts).filter((id) => !ids.has(id) && factsOf(id)?.patient !== undefined);
  return { cases: cases.sort(byId), notes: goneNotes(`${path} names`, gone) };
}

/**
 * Images and volumes of a folder by their names without extension; DICOM files are among them.
 * @param options `series`: a folder in it that holds DICOM files is a volume by the name of the folder
 * @throws InputError ('data') where there is none, or two have one name
 */
export function filesById(folder: string, { series = false } = {}): Map<string, string> {
  if (!isFolder(folder)) {
    throw new InputError(
      'data',
      `${folder}: expected a folder, found none`,
      'A labelled dataset has images/ and labels/, or imagesTr/ and labelsTr/, or a dataset.json that lists files.',
    );
  }
  const files = new Map<string, string>();
  for (const { name } of entriesIn(folder).sort(byName)) {
    const path = join(folder, name);
    const whole = series && isSeriesFolder(path);
    if (!whole && !isDataFile(path)) continue;
    const id = whole ? name : stemOf(name);
    const other = files.get(id);
    if (other) throw new InputError('data', `${path}: the name "${id}" is there twice, see ${other}`);
    files.set(id, path);
  }
  if (files.size > 0) return files;
  throw new InputError(
    'data',
    `${folder}: expected images or volumes, found none`,
    `Accepted extensions: ${[...IMAGE_EXTENSIONS, ...VOLUME_EXTENSIONS].join(', ')}; and DICOM.`,
  );
}

/** An image or a volume: neither hidden nor a picture that `cover segment` wrote. */
function isDataFile(path: string): boolean {
  const name = basename(path);
  if (name.startsWith('.') || isResultName(name)) return false;
  const named = isImageName(name) || isVolumeName(name);
  return (named || isDicomFile(path)) && isFile(path);
}

/** A folder of DICOM files, in itself and not in folders within. */
export function isSeriesFolder(path: string): boolean {
  if (basename(path).startsWith('.') || !isFolder(path)) return false;
  return entriesIn(path).some(({ name }) => !name.startsWith('.') && isDicomFile(join(path, name)));
}

/** By code units: the same order on every machine. */
function byId(a: LabelledCase, b: LabelledCase): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
