/** Files in folders, under Node: opened, read where they are, unpacked by its zlib. */
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream';
import { createUnzip } from 'node:zlib';
import { InputError } from '../core/errors.js';
import {
  type ByteReader,
  DEFLATE_RATIO,
  type Encoding,
  type FileSource,
  isGzip,
  type OpenOptions,
  PieceReader,
  unpackedBzip2,
} from './byte-reader.js';
import { unreadable } from './unreadable.js';

const PIECE = 2 ** 18;

export const nodeFiles: FileSource = {
  open: openBytes,
  exists: existsSync,
  beside: (path, name) => resolve(dirname(path), name),
};

/**
 * @param path a file, not a folder or a device
 * @throws InputError ('image') when it cannot be opened
 */
async function openBytes(
  path: string,
  { start = 0, encoding = 'auto', limit = 2 ** 31, expected = 'a file' }: OpenOptions = {},
): Promise<ByteReader> {
  const { handle, size } = await openFile(path, expected);
  const length = Math.max(0, size - start);
  let chosen: Encoding | undefined;
  try {
    chosen = encoding === 'auto' ? ((await startsAsGzip(handle, start)) ? 'zip' : 'raw') : encoding;
    if (chosen === 'bzip2') {
      const packed = new Uint8Array(length);
      await handle.read(packed, 0, length, start);
      return unpackedBzip2(path, packed, limit);
    }
  } finally {
    if (chosen !== 'raw') await handle.close();
  }
  return chosen === 'raw' ? new PlainReader(path, handle, start, length) : unzipped(path, start, length);
}

async function openFile(path: string, expected: string): Promise<{ handle: FileHandle; size: number }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, size: stats.size };
  } catch (cause) {
    await handle?.close();
    throw unreadable(path, expected, cause);
  }
  const folder = (await handle.stat()).isDirectory();
  await handle.close();
  throw new InputError(
    'image',
    `${path}: expected ${expected}, found ${folder ? 'a folder' : 'a device or a pipe'}`,
    'Name the file itself.',
  );
}

async function startsAsGzip(handle: FileHandle, start: number): Promise<boolean> {
  const mark = new Uint8Array(3);
  const { bytesRead } = await handle.read(mark, 0, 3, start);
  return isGzip(mark.subarray(0, bytesRead));
}

class PlainReader implements ByteReader {
  readonly packed = false;

  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private position: number,
    private left: number,
  ) {}

  get most(): number {
    return this.left;
  }

  async read(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && this.left > 0) {
      const wanted = Math.min(target.length - filled, this.left, 2 ** 26);
      const { bytesRead } = await this.handle.read(target, filled, wanted, this.position);
      if (bytesRead === 0) this.left = 0;
      filled += bytesRead;
      this.advance(bytesRead);
    }
    return filled;
  }

  async skip(count: number): Promise<number> {
    const passed = Math.min(count, this.left);
    this.advance(passed);
    return passed;
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private advance(count: number): void {
    this.position += count;
    this.left -= count;
  }
}

function unzipped(path: string, start: number, length: number): ByteReader {
  const unzip = createUnzip({ chunkSize: PIECE });
  // Errors reach the reader of the pieces; the callback has nothing to add.
  pipeline(createReadStream(path, { start, highWaterMark: PIECE }), unzip, () => {});
  const pieces = unzip[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new PieceReader(path, length * DEFLATE_RATIO, pieces, () => unzip.destroy());
}
