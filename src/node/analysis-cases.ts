/** Labelled images, or volumes, whose features are looked at. */
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { permutation, randomStream } from '../core/random.js';
import type { Tensor } from '../core/tensor.js';
import { type DataKind, kindOfFile, kindsOf, readAnyVolume, readInput, readVolumeInput } from '../data/index.js';
import { filesById, type Labels, readLabelsOn, readLayout } from '../data/labelled/index.js';
import { classNamesIn } from '../data/labelled/tables.js';
import type { OnWarnings } from '../data/warnings.js';
import { toCanonical } from '../image/index.js';
import type { Network } from '../use/index.js';

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
 * @param labels the folder of the labels; without it, that of the layout
 * @throws InputError ('data') where nothing is found, or an image has no label
 */
export function listLabelled(folder: string, labels?: string): LabelledSet {
  if (!labels) {
    const { cases, classes, multiLabel } = readLayout(folder, 'segmentation');
    if (multiLabel) {
      throw new InputError(
        'data',
        `${folder}: expected one class for each pixel, found a mask for each class`,
        'Give a folder of label maps with --labels.',
      );
    }
    return { cases: cases.map(({ id, image, label }) => ({ id, image, label: String(label) })), classes };
  }
  const byId = filesById(labels);
  const cases = [...filesById(folder)].map(([id, image]) => {
    const label = byId.get(id);
    if (label) return { id, image, label };
    throw new InputError(
      'data',
      `${image}: expected a label ${join(labels, id)}.*, found none`,
      'Images and labels share their names; take images without a label out of the folder.',
    );
  });
  return { cases, classes: classNamesIn(join(labels, '..')) };
}

/** So many cases, drawn; all of them where there are fewer. */
export function drawCases(cases: readonly LabelledFiles[], count: number, seed: number): LabelledFiles[] {
  const chosen = new Set(permutation(cases.length, randomStream(seed, 'cases')).slice(0, count));
  return cases.filter((_, index) => chosen.has(index));
}

/** The image of a case as a network takes it, `[C, ...S]` in [0, 1]. */
export async function readImageOf(
  { image }: LabelledFiles,
  { model }: Network,
  onWarnings?: OnWarnings,
): Promise<Tensor> {
  if (kindOfFile(image, kindsOf(model.config)) === 'volumes')
    return (await readVolumeInput(image, model.config, onWarnings)).image;
  return readInput(image, model.config.data.channels, onWarnings);
}

/**
 * The class indices of a case; those of volumes in RAS.
 * @throws InputError ('data') where they don't lie on their image
 */
export async function readLabelsOf({ image, label }: LabelledFiles, kind: DataKind): Promise<Labels> {
  if (kind === 'images') return readLabelsOn(label, { shape: (await readInput(image, 1)).shape.slice(1) });
  const { shape, affine } = toCanonical(await readAnyVolume(image));
  return readLabelsOn(label, { shape, grid: { shape, affine } });
}
