/**
 * Where the images of a run are: in memory that workers share, or beyond a number of bytes in files of the run's
 * folder, which are read whenever a sample is drawn.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/errors.js';
import { writeFileAtomic } from '../../system/files.js';
import type { KeptImage } from './sample-set.js';

export interface ImageStore {
  keep(values: Float32Array): KeptImage;
  /** How many images are in files. */
  readonly onDisk: number;
  /** Removes the files. */
  clear(): void;
}

/**
 * @param folder of the files, made when the first is written; null where all are kept in memory
 * @param memory bytes of images that are kept in memory
 */
export function createImageStore(folder: string | null, memory: number): ImageStore {
  let left = memory;
  let onDisk = 0;
  const clear = () => folder !== null && rmSync(folder, { recursive: true, force: true });
  clear();
  return {
    keep(values) {
      if (folder === null || values.byteLength <= left) {
        left -= values.byteLength;
        return shared(Float32Array, values);
      }
      const path = join(folder, `${onDisk++}.f32`);
      writeFileAtomic(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return path;
    },
    get onDisk() {
      return onDisk;
    },
    clear,
  };
}

/** The file that a thread has read last. */
let last: { readonly path: string; readonly values: Float32Array } | undefined;

/**
 * The values of an image in a file, which are read again only when another one was read between.
 * @throws InputError ('data') when its file was changed
 */
export function readKeptImage(kept: string, length: number): Float32Array {
  if (last?.path !== kept) {
    const bytes = readFileSync(kept);
    if (bytes.length !== 4 * length) {
      throw new InputError(
        'data',
        `${kept}: expected ${4 * length} bytes of an image of this run, found ${bytes.length}`,
        'The run keeps these files while it goes on; leave them alone, and continue it with --resume.',
      );
    }
    const values = new Float32Array(length);
    new Uint8Array(values.buffer).set(bytes);
    last = { path: kept, values };
  }
  return last.values;
}

/** A copy in memory that workers share. */
export function shared<Type extends Float32Array | Uint8Array>(
  make: { new (buffer: SharedArrayBuffer): Type; readonly BYTES_PER_ELEMENT: number },
  values: Type,
): Type {
  const copy = new make(new SharedArrayBuffer(values.length * make.BYTES_PER_ELEMENT));
  copy.set(values);
  return copy;
}
