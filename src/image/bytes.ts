/**
 * The bytes of a file from front to back, unpacked on the way: plain, gzip or zlib, bzip2. Nothing is held but the piece
 * that is being read, and every reader says beforehand how many bytes can come at most, so that a length in a header can be
 * refused before memory is taken for it. Deflate cannot shrink data below 1/1032 of its size.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createUnzip } from 'node:zlib';
import { InputError } from '../core/errors.js';
import { Bzip2Error, bunzip2 } from './formats/bzip2.js';
import { truncatedImage } from './formats/truncated.js';
import { unreadable } from './unreadable.js';

export type Encoding = 'raw' | 'zip' | 'bzip2';

export interface ByteReader {
  readonly path: string;
  /** No more bytes than this can follow; exact for plain files. */
  readonly most: number;
  /** Fills the target from its start. Returns how many bytes were there: fewer than its length only at the end. */
  read(target: Uint8Array): Promise<number>;
  /** Passes over bytes. Returns how many were there. */
  skip(count: number): Promise<number>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Where to begin, in bytes of the file as it is stored. */
  readonly start?: number;
  /** `zip` is gzip or zlib. `auto` looks for the mark of gzip. */
  readonly encoding?: Encoding | 'auto';
  /** For bzip2, which shrinks without a bound: more bytes than this are not unpacked. */
  readonly limit?: number;
  /** What the file is to be, for messages. */
  readonly expected?: string;
}

/** How many bytes one byte of deflated data can become. */
const DEFLATE_RATIO = 1032;
const PIECE = 2 ** 18;

/**
 * @param path a file, not a folder or a device
 * @throws InputError ('image') when it cannot be opened
 */
export async function openBytes(
  path: string,
  { start = 0, encoding = 'auto', limit = 2 ** 31, expected = 'a file' }: OpenOptions = {},
): Promise<ByteReader> {
  const { handle, size } = await openFile(path, expected);
  const length = Math.max(0, size - start);
  let chosen: Encoding | undefined;
  try {
    chosen = encoding === 'auto' ? ((await isGzip(handle, start)) ? 'zip' : 'raw') : encoding;
    if (chosen === 'bzip2') return await unpackedBzip2(path, handle, start, length, limit);
  } finally {
    if (chosen !== 'raw') await handle.close();
  }
  return chosen === 'raw' ? new PlainReader(path, handle, start, length) : unzipped(path, start, length);
}

/** The last `count` bytes of a file, but none before `start`. */
export async function openAtEnd(path: string, start: number, count: number, expected?: string): Promise<ByteReader> {
  const reader = await openBytes(path, { start, encoding: 'raw', ...(expected && { expected }) });
  if (reader.most > count) await reader.skip(reader.most - count);
  return reader;
}

/** Fills the target, or says what is missing. `what` names the part, for the message. */
export async function readExactly(reader: ByteReader, target: Uint8Array, what: string): Promise<void> {
  const count = await reader.read(target);
  if (count < target.length) throw truncatedImage(reader.path, `${what} of ${target.length} bytes`, `${count} bytes`);
}

/** The first bytes, fewer where the file is shorter; and whether it is packed with gzip. */
export async function readHead(path: string, count: number): Promise<{ head: Uint8Array; packed: boolean }> {
  const reader = await openBytes(path);
  try {
    const head = new Uint8Array(count);
    return { head: head.subarray(0, await reader.read(head)), packed: !(reader instanceof PlainReader) };
  } finally {
    await reader.close();
  }
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

async function isGzip(handle: FileHandle, start: number): Promise<boolean> {
  const mark = new Uint8Array(3);
  const { bytesRead } = await handle.read(mark, 0, 3, start);
  return bytesRead === 3 && mark[0] === 0x1f && mark[1] === 0x8b && mark[2] === 8;
}

class PlainReader implements ByteReader {
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

async function unpackedBzip2(
  path: string,
  handle: FileHandle,
  start: number,
  length: number,
  limit: number,
): Promise<ByteReader> {
  const packed = new Uint8Array(length);
  await handle.read(packed, 0, length, start);
  const pieces: Uint8Array[] = [];
  let total = 0;
  try {
    for (const piece of bunzip2(packed)) {
      pieces.push(piece);
      total += piece.length;
      if (total > limit) break;
    }
  } catch (cause) {
    throw damaged(path, cause);
  }
  const iterator = pieces[Symbol.iterator]();
  return new PieceReader(path, total, { next: async () => iterator.next() }, () => {});
}

class PieceReader implements ByteReader {
  private piece: Uint8Array = new Uint8Array(0);
  private taken = 0;

  constructor(
    readonly path: string,
    private readonly total: number,
    private readonly pieces: AsyncIterator<Uint8Array>,
    private readonly release: () => void,
  ) {}

  get most(): number {
    return this.total - this.taken;
  }

  read(target: Uint8Array): Promise<number> {
    return this.take(target.length, (piece, at) => target.set(piece, at));
  }

  skip(count: number): Promise<number> {
    return this.take(count, () => {});
  }

  async close(): Promise<void> {
    this.release();
  }

  private async take(count: number, use: (piece: Uint8Array, at: number) => void): Promise<number> {
    let done = 0;
    while (done < count) {
      if (this.piece.length === 0 && !(await this.next())) break;
      const part = this.piece.subarray(0, count - done);
      use(part, done);
      done += part.length;
      this.piece = this.piece.subarray(part.length);
    }
    this.taken += done;
    return done;
  }

  private async next(): Promise<boolean> {
    try {
      const { done, value } = await this.pieces.next();
      if (done) return false;
      this.piece = value;
      return true;
    } catch (cause) {
      throw damaged(this.path, cause);
    }
  }
}

/** What an unpacker's error says of the file. */
function damaged(path: string, cause: unknown): InputError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR' || (cause instanceof Bzip2Error && cause.cutShort)) {
    return truncatedImage(path, 'complete compressed data', 'an end in the middle', cause);
  }
  return new InputError(
    'image',
    `${path}: expected compressed data, found damage (${message})`,
    'Copy or download the file again.',
    { cause },
  );
}
