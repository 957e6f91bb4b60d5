/**
 * Decoded images in one binary file, so that an epoch reads numbers and decodes nothing. Every image is in the unit
 * range, has the wanted channels and is resized to the wanted shape, so the records have one size and the n-th record is
 * read at an offset. Files are examined while they are decoded, and what is not fit (see `doctor.ts`) is left out. `<key>.f32` holds the records, `<key>.json` what they are; the JSON is written last, so that its
 * presence says that the records are complete. The key is made from all that the records depend on.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { InputError, invariant } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { resizeLinear, toChannels, toUnitRange } from '../image/index.js';
import { duplicateOf, type Examination, examineFile, type FileReport, MINIMUM_SIZE } from './doctor.js';
import { mapLimited } from './parallel.js';

/** A part of the key: raised whenever the same inputs give other records. */
const VERSION = 2;

/** Images ready to be read by index, from 0 to `files.length` − 1. */
export interface ImageCache {
  /** The binary file; a worker opens the same one with `attachCache(path)`. */
  readonly path: string;
  /** The files behind the records, in order; bad files are not among them. */
  readonly files: readonly string[];
  /** The files that are not fit, with reasons. */
  readonly skipped: readonly FileReport[];
  /** A hash of each file's decoded content, in the order of `files`. */
  readonly contents: readonly string[];
  /** The spatial extents of each file, in the order of `files`. */
  readonly shapes: readonly (readonly number[])[];
  readonly channels: 1 | 3;
  /** Spatial extents of every record. */
  readonly shape: readonly number[];
  /** The image at an index: [C, ...S] in [0, 1]. */
  read(index: number): Tensor;
  close(): void;
}

export interface CacheOptions {
  readonly files: readonly string[];
  readonly channels: 1 | 3;
  /** Spatial extents that every image is resized to. */
  readonly shape: readonly number[];
  /** The smallest extent, in pixels, that an image must have. */
  readonly minimumSize?: number;
  /** A file with the content of one in this cache is left out; then it is no error when no file is left. */
  readonly apartFrom?: ImageCache;
  /** The folder of caches; by default `cover-ts` in $XDG_CACHE_HOME or ~/.cache. */
  readonly folder?: string;
  /** How many files are decoded at once. */
  readonly parallel?: number;
  /** Called after each image while the cache is built; never where it exists already. */
  readonly onProgress?: (done: number, total: number) => void;
}

interface Header {
  readonly version: number;
  readonly files: readonly string[];
  readonly skipped: readonly FileReport[];
  readonly contents: readonly string[];
  readonly shapes: readonly (readonly number[])[];
  readonly channels: 1 | 3;
  readonly shape: readonly number[];
}

/** The folder of caches where none is set. */
export function defaultCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_CACHE_HOME;
  return join(base && base !== '' ? base : join(homedir(), '.cache'), 'cover-ts');
}

/**
 * Opens the cache of these files and builds it where it is absent. A file that is not fit is skipped and listed.
 * @throws InputError ('data') when no file is fit, ('file') when the folder cannot be written or the disk is full
 */
export async function openCache(options: CacheOptions): Promise<ImageCache> {
  const folder = options.folder ?? defaultCacheFolder();
  const path = join(folder, `${cacheKey(options)}.f32`);
  if (!isComplete(path)) await build(path, folder, options);
  return attachCache(path);
}

/**
 * Opens a cache that exists, in any thread or process.
 * @throws InputError ('data') when it is missing, damaged or cut short
 */
export function attachCache(path: string): ImageCache {
  let file: number | undefined;
  try {
    const header = readHeader(path);
    file = openSync(path, 'r');
    const size = sizeOf([header.channels, ...header.shape]);
    const expected = header.files.length * size * 4;
    const found = fstatSync(file).size;
    if (found !== expected) throw new Error(`expected ${expected} bytes, found ${found}`);
    return opened(path, file, header, size);
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    throw new InputError(
      'data',
      `${path}: expected a cache of images, found none that can be read (${(cause as Error).message})`,
      'Remove the file and start again: the cache is built anew.',
      { cause },
    );
  }
}

function opened(path: string, file: number, header: Header, size: number): ImageCache {
  const { files, skipped, contents, shapes, channels, shape } = header;
  return {
    path,
    files,
    skipped,
    contents,
    shapes,
    channels,
    shape,
    read(index) {
      invariant(
        Number.isInteger(index) && index >= 0 && index < files.length,
        `no record ${index} among ${files.length}`,
      );
      const data = new Float32Array(size);
      const bytes = new Uint8Array(data.buffer);
      for (let done = 0; done < bytes.length; ) {
        const count = readSync(file, bytes, done, bytes.length - done, index * bytes.length + done);
        if (count === 0) {
          throw new InputError(
            'data',
            `${path}: the cache ends inside of record ${index}`,
            'Remove the file and start again.',
          );
        }
        done += count;
      }
      return tensor([channels, ...shape], data);
    },
    close: () => closeSync(file),
  };
}

/** The name of a cache: all that its records depend on. */
function cacheKey({ files, channels, shape, minimumSize = MINIMUM_SIZE, apartFrom }: CacheOptions): string {
  const state = files.map((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return [resolve(file), stats?.mtimeMs ?? null, stats?.size ?? null];
  });
  return createHash('sha256')
    .update(JSON.stringify([VERSION, state, channels, shape, minimumSize, apartFrom?.contents ?? null]))
    .digest('hex')
    .slice(0, 32);
}

function headerPath(path: string): string {
  return path.replace(/\.f32$/, '.json');
}

function readHeader(path: string): Header {
  const header = JSON.parse(readFileSync(headerPath(path), 'utf8')) as Header;
  if (header.version !== VERSION) throw new Error(`expected version ${VERSION}, found ${header.version}`);
  return header;
}

function isComplete(path: string): boolean {
  try {
    attachCache(path).close();
    return true;
  } catch {
    return false;
  }
}

async function build(path: string, folder: string, options: CacheOptions): Promise<void> {
  const { files, channels, shape, minimumSize = MINIMUM_SIZE, apartFrom, parallel = 4, onProgress } = options;
  const temporary = `${path}.${randomUUID()}.tmp`;
  const used: FileReport[] = [];
  const contents: string[] = [];
  const skipped: FileReport[] = [];
  const originals = new Map(apartFrom?.contents.map((content, index) => [content, apartFrom.files[index]!]));
  let file: number | undefined;
  let created = false;
  try {
    mkdirSync(folder, { recursive: true });
    file = openSync(temporary, 'w');
    created = true;
    // A block is decoded in parallel and written in order: the memory in use does not grow with the dataset.
    const block = parallel * 4;
    for (let start = 0; start < files.length; start += block) {
      const part = files.slice(start, start + block);
      const found = await mapLimited(part, parallel, (name) => prepare(name, channels, shape, minimumSize));
      found.forEach(({ report, content, record }, index) => {
        const original = content && originals.get(content);
        if (original) skipped.push(duplicateOf(report, original));
        else if (!content || !record) skipped.push(report);
        else {
          originals.set(content, report.file);
          writeAll(file!, record);
          used.push(report);
          contents.push(content);
        }
        onProgress?.(start + index + 1, files.length);
      });
    }
    if (used.length === 0 && !apartFrom) throw noneFit(files, skipped);
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    renameSync(temporary, path);
    const header: Header = {
      version: VERSION,
      files: used.map(({ file }) => file),
      skipped,
      contents,
      shapes: used.map((report) => report.shape!),
      channels,
      shape,
    };
    writeFileAtomic(headerPath(path), JSON.stringify(header));
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    if (created) rmSync(temporary, { force: true });
    throw cause instanceof InputError ? cause : buildError(folder, cause);
  }
}

interface Prepared extends Omit<Examination, 'image'> {
  readonly record?: Float32Array;
}

/** The record of a file that is fit, and what was found in it. */
async function prepare(
  name: string,
  channels: 1 | 3,
  shape: readonly number[],
  minimumSize: number,
): Promise<Prepared> {
  const { image, content, report } = await examineFile(name, minimumSize);
  if (!image || !content) return { report };
  try {
    return { report, content, record: resizeLinear(toUnitRange(toChannels(image, channels)), shape).data };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { report: { ...report, state: 'unreadable', reason: error.message.split('\n')[0]! } };
  }
}

function writeAll(file: number, record: Float32Array): void {
  const bytes = new Uint8Array(record.buffer, record.byteOffset, record.byteLength);
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
}

function noneFit(files: readonly string[], skipped: readonly FileReport[]): InputError {
  const reasons = skipped.slice(0, 3).map(({ file, state, reason }) => `  ${state}: ${file}: ${reason}`);
  const small = skipped.some(({ state }) => state === 'too small');
  return new InputError(
    'data',
    [`expected at least one image that is fit, found none among ${files.length} files`, ...reasons].join('\n'),
    small ? 'Take larger images, or lower data.minimumSize.' : 'Replace or convert the files.',
  );
}

function buildError(folder: string, cause: unknown): InputError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC';
  return new InputError(
    'file',
    `${folder}: the cache could not be written (${full ? 'the disk is full' : message})`,
    full ? 'Free some space or set another cache folder.' : 'Set a cache folder that you may write to.',
    { cause },
  );
}
