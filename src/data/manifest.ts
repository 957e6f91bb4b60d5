/** A manifest: a list of files in a text, JSON or YAML file. Paths are relative to it. */
import { dirname, extname, resolve } from 'node:path';
import { InputError } from '../core/errors.js';
import { type DataKind, isImageName, isVolumeName } from './kinds.js';
import { describeContent, isTextList } from './parsed-content.js';
import { sorted } from './search.js';
import { partLists, requireTraining } from './splits.js';
import { statsOf } from './stats.js';
import { parseFile, readLines } from './text-file.js';

const MANIFEST_EXTENSIONS = ['.txt', '.json', '.yaml', '.yml'] as const;

/** The files to train on, and those held out where the manifest names them. */
export interface Manifest {
  readonly train: readonly string[];
  readonly validation: readonly string[] | undefined;
}

/** @throws InputError ('data') for another kind of file, a key that is not known or a file that is not there */
export function readManifest(path: string, kind: DataKind): Manifest {
  const extension = extname(path).toLowerCase();
  if (!(MANIFEST_EXTENSIONS as readonly string[]).includes(extension)) {
    throw new InputError(
      'data',
      `${path}: expected a folder of images or a manifest (${MANIFEST_EXTENSIONS.join(', ')}), found a file ${extension || 'without extension'}`,
      isImageName(path) || isVolumeName(path)
        ? 'Give the folder of the file instead.'
        : 'List the image files in a text file, one path a line.',
    );
  }
  const { train, validation } = lists(path, extension === '.txt' ? readLines(path) : parseFile(path));
  const find = (name: string) => {
    const file = resolve(dirname(path), name);
    const stats = statsOf(file);
    if (stats?.isFile() || (kind === 'volumes' && stats?.isDirectory())) return file;
    throw new InputError(
      'data',
      `${path}: expected a file at every listed path, found ${stats ? 'a folder' : 'none'} at ${name} (${file})`,
      'Paths are relative to the folder of the manifest.',
    );
  };
  return { train: sorted(train.map(find)), validation: validation && sorted(validation.map(find)) };
}

/** A plain list, a list under `images`, or the lists of parts as `splits.json` has them. */
function lists(path: string, content: unknown): { train: readonly string[]; validation?: readonly string[] } {
  const all = imagesOf(content);
  if (all) {
    if (all.length > 0) return { train: all };
    throw new InputError(
      'data',
      `${path}: expected at least one image for training, found an empty list`,
      'List the image files.',
    );
  }
  if (Array.isArray(content) || typeof content !== 'object' || content === null || 'images' in content) {
    throw new InputError(
      'data',
      `${path}: expected a list of image files, or the lists train and validation, found ${describeContent(content)}`,
      'For example: {"train": ["a.png", "b.png"], "validation": ["c.png"]}',
    );
  }
  const parts = partLists(path, content);
  requireTraining({ path, parts });
  return { train: parts.train!, ...(parts.validation ? { validation: parts.validation } : {}) };
}

function imagesOf(content: unknown): string[] | undefined {
  if (isTextList(content)) return content;
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const { images, ...rest } = content as Record<string, unknown>;
  return isTextList(images) && Object.keys(rest).length === 0 ? images : undefined;
}
