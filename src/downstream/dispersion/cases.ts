/** Labelled images, or volumes, whose features are looked at. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Network, readVolumeInput } from '../../analysis/index.js';
import { InputError } from '../../core/errors.js';
import { permutation, randomStream } from '../../core/random.js';
import type { Tensor } from '../../core/tensor.js';
import { stemOf, VOLUME_EXTENSIONS } from '../../data/index.js';
import { readVolume, toCanonical } from '../../image/index.js';
import { filesById, type Labels, readCaseImage, readLayout } from '../data/index.js';
import { classNames, readJson } from '../data/tables.js';
import { readLabelImage, readLabelVolume } from '../registration/label-volume.js';

/** An image and its class indices, as files. */
export interface LabelledFiles {
  readonly id: string;
  readonly image: string;
  readonly label: string;
}

export interface LabelledSet {
  readonly cases: readonly LabelledFiles[];
  /** Names of the classes by index; empty where the set names none. */
  readonly classes: readonly string[];
}

/**
 * The cases of a folder, sorted by name: a layout of labelled data, or two folders of files with the same names.
 * @param labels the folder of the labels; without it, that of the layout (of volumes: `images/` and `labels/`)
 * @throws InputError ('data') where nothing is found, or an image has no label
 */
export function listLabelled(folder: string, dims: 2 | 3, labels?: string): LabelledSet {
  if (!labels && dims === 2) {
    const { cases, classes } = readLayout(folder, 'segmentation');
    return { cases: cases.map(({ id, image, label }) => ({ id, image, label: String(label) })), classes };
  }
  const [images, maps] = labels ? [folder, labels] : [join(folder, 'images'), join(folder, 'labels')];
  const list = dims === 2 ? filesById : volumesById;
  const byId = list(maps);
  const cases = [...list(images)].map(([id, image]) => {
    const label = byId.get(id);
    if (label) return { id, image, label };
    throw new InputError(
      'data',
      `${image}: expected a label ${join(maps, id)}.*, found none`,
      'Images and labels share their names; take images without a label out of the folder.',
    );
  });
  const description = join(labels ? join(labels, '..') : folder, 'dataset.json');
  const content = readJson(description);
  return { cases, classes: classNames(description, content?.classes ?? content?.labels) };
}

/** So many cases, drawn; all of them where there are fewer. */
export function drawCases(cases: readonly LabelledFiles[], count: number, seed: number): LabelledFiles[] {
  const chosen = new Set(permutation(cases.length, randomStream(seed, 'cases')).slice(0, count));
  return cases.filter((_, index) => chosen.has(index));
}

/** The image of a case as a network takes it, `[C, ...S]` in [0, 1]. */
export async function readImageOf({ image }: LabelledFiles, { model }: Network): Promise<Tensor> {
  if (model.cover.dims === 3) return (await readVolumeInput(image, model.config)).image;
  return readCaseImage(image, model.config.data.channels);
}

/** The class indices of a case; those of volumes in RAS. @throws InputError ('data') where they don't lie on their image */
export async function readLabelsOf({ image, label }: LabelledFiles, dims: 2 | 3): Promise<Labels> {
  if (dims === 3) return readLabelVolume(label, toCanonical(await readVolume(image)));
  return readLabelImage(label, (await readCaseImage(image, 1)).shape.slice(1));
}

/** Volume files of a folder by their names without extension. */
function volumesById(folder: string): Map<string, string> {
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : [];
  const volumes = names.filter((name) => VOLUME_EXTENSIONS.some((end) => name.toLowerCase().endsWith(end)));
  if (volumes.length > 0) return new Map(volumes.map((name) => [stemOf(name), join(folder, name)]));
  throw new InputError(
    'data',
    `${folder}: expected a folder of volumes, found ${names.length ? 'none in it' : 'no folder'}`,
    `A network of volumes needs images/ and labels/ with files that end in ${VOLUME_EXTENSIONS.slice(0, 2).join(', ')}, ….`,
  );
}
