/**
 * Decoded images and volumes in one binary file, so that an epoch reads numbers and decodes nothing. Every record is in
 * the unit range, has the wanted channels and is at least as large as what views are cut from (see `record.ts`). Files
 * are examined while they are decoded, and what is not fit (see `examine-file.ts`) is left out. The key is made from
 * all that the records depend on.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { counted } from '../core/counted.js';
import { faultOf, InputError } from '../core/errors.js';
import { writeFileAtomic } from '../system/files.js';
import {
  attachCache,
  type CacheHeader,
  encodeHeader,
  encodeValues,
  headerPath,
  type ImageCache,
  isIntact,
  type StoredAs,
  VERSION,
} from './cache-file.js';
import { type Examination, examineFile } from './examine-file.js';
import { mapLimited } from './parallel.js';
import { type FileRecord, makeRecord, type Recipe } from './recipe.js';
import { duplicateOf, type FileReport } from './report.js';
import { statsOf } from './stats.js';

export interface CacheOptions extends Partial<Omit<Recipe, 'channels' | 'shape'>> {
  readonly files: readonly string[];
  readonly channels: 1 | 3;
  /** The extents that views are cut from; `fit` says how files come to them. */
  readonly shape: readonly number[];
  /** The smallest extent that a file must have; `null` for 32 pixels, or 8 voxels of whole volumes. */
  readonly minimumSize?: number | null;
  /** A file with the content of one in this cache is left out; then it is no error when no file is left. */
  readonly apartFrom?: ImageCache;
  /** The folder of caches; by default `cover-ts` in $XDG_CACHE_HOME or ~/.cache. */
  readonly folder?: string;
  /** How many files are decoded at once; by default 4 images or 1 volume. */
  readonly parallel?: number;
  /** Called after each file while the cache is built; never where it exists already. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The folder of caches where none is set. */
export function defaultCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_CACHE_HOME;
  return join(base && base !== '' ? base : join(homedir(), '.cache'), 'cover-ts');
}

/**
 * Opens the cache of these files and builds it where it is absent or no longer what was written. A file that is not fit
 * is skipped and listed.
 * @throws InputError ('data') when no file is fit, ('file') when the folder cannot be written or the disk is full
 */
export async function openCache(options: CacheOptions): Promise<ImageCache> {
  const folder = options.folder ?? defaultCacheFolder();
  const path = join(folder, `${cacheKey(options)}.bin`);
  if (!isIntact(path)) await build(path, folder, options);
  return attachCache(path);
}

/** The name of a cache: all that its records depend on. */
function cacheKey(options: CacheOptions): string {
  const { files, apartFrom, minimumSize = null } = options;
  const recipe = recipeOf(options);
  const state = files.map((file) => [resolve(file), fileState(file)]);
  return createHash('sha256')
    .update(JSON.stringify([VERSION, state, recipe, minimumSize, apartFrom?.contents ?? null]))
    .digest('hex')
    .slice(0, 32);
}

/** When a file was changed and its size; of a folder those of its files. */
function fileState(path: string): unknown {
  const stats = statsOf(path);
  if (!stats?.isDirectory()) return [stats?.mtimeMs ?? null, stats?.size ?? null];
  return readdirSync(path)
    .sort()
    .map((name) => {
      const inner = statsOf(join(path, name));
      return [name, inner?.mtimeMs ?? null, inner?.size ?? null];
    });
}

function recipeOf(options: CacheOptions): Recipe {
  const {
    kind = 'images',
    channels,
    shape,
    fit = 'resize',
    spacing = null,
    intensity = 'auto',
    slices = null,
    antialias = true,
  } = options;
  return { kind, channels, shape, fit, spacing, intensity, slices, antialias };
}

async function build(path: string, folder: string, options: CacheOptions): Promise<void> {
  const { files, minimumSize = null, apartFrom, onProgress } = options;
  const recipe = recipeOf(options);
  const { parallel = recipe.kind === 'images' ? 4 : 1 } = options;
  const stored: StoredAs = recipe.kind === 'images' ? 'float32' : 'uint16';
  const temporary = `${path}.${randomUUID()}.tmp`;
  const used: { readonly report: FileReport; readonly content: string; readonly record: Fitted }[] = [];
  const skipped: FileReport[] = [];
  const originals = new Map(apartFrom?.contents.map((content, index) => [content, apartFrom.files[index]!]));
  const hash = createHash('sha256');
  let file: number | undefined;
  let created = false;
  try {
    mkdirSync(folder, { recursive: true });
    file = openSync(temporary, 'w');
    created = true;
    // A block is decoded in parallel and written in order: the memory in use does not grow with the dataset.
    const block = recipe.kind === 'images' ? parallel * 4 : parallel;
    for (let start = 0; start < files.length; start += block) {
      const part = files.slice(start, start + block);
      const found = await mapLimited(part, parallel, (name) => prepare(name, recipe, minimumSize));
      found.forEach(({ report, content, record }, index) => {
        const original = content && originals.get(content);
        if (original) skipped.push(duplicateOf(report, original));
        else if (!content || !record) skipped.push(report);
        else {
          originals.set(content, report.file);
          const { data, ...fitted } = record;
          const bytes = encodeValues(data.data, stored);
          hash.update(bytes);
          writeAll(file!, bytes);
          used.push({ report, content, record: { ...fitted, shape: data.shape.slice(1) } });
        }
        onProgress?.(start + index + 1, files.length);
      });
    }
    if (used.length === 0 && !apartFrom) throw noneFit(files, skipped);
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    renameSync(temporary, path);
    const header: CacheHeader = {
      version: VERSION,
      files: used.map(({ report }) => report.file),
      skipped,
      warned: used.flatMap(({ report: { file, warnings } }) => (warnings?.length ? [{ file, warnings }] : [])),
      contents: used.map(({ content }) => content),
      shapes: used.map(({ record }) => record.extents),
      spacings: used.map(({ record }) => record.spacing ?? null),
      records: used.map(({ record }) => record.shape),
      channels: recipe.channels,
      shape: recipe.shape,
      stored,
      checksum: hash.digest('hex'),
    };
    writeFileAtomic(headerPath(path), encodeHeader(header));
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    if (created) rmSync(temporary, { force: true });
    throw cause instanceof InputError ? cause : buildError(folder, cause);
  }
}

/** A record of which the values are written already. */
interface Fitted extends Omit<FileRecord, 'data'> {
  readonly shape: readonly number[];
}

interface Prepared extends Omit<Examination, 'decoded'> {
  readonly record?: FileRecord;
}

/** The record of a file that is fit, and what was found in it. */
async function prepare(name: string, recipe: Recipe, minimumSize: number | null): Promise<Prepared> {
  const { kind, slices } = recipe;
  const { decoded, content, report } = await examineFile(name, { kind, slices, minimumSize });
  if (!decoded || !content) return { report };
  try {
    return { report, content, record: makeRecord(decoded, recipe) };
  } catch (error) {
    return { report: { ...report, state: 'unreadable', reason: faultOf(error) } };
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
}

function noneFit(files: readonly string[], skipped: readonly FileReport[]): InputError {
  const reasons = skipped.slice(0, 3).map(({ file, state, reason }) => `  ${state}: ${file}: ${reason}`);
  const small = skipped.some(({ state }) => state === 'too small');
  return new InputError(
    'data',
    [`expected at least one image that is fit, found none among ${counted(files.length, 'file')}`, ...reasons].join(
      '\n',
    ),
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
