/**
 * The bytes of a file from front to back, unpacked on the way: plain, gzip or zlib, bzip2. Nothing is held but the
 * piece that is being read, and every reader says beforehand how many bytes can come at most, so that a length in a
 * header can be refused before memory is taken for it. Where the files are, in folders or in memory, is the matter of a
 * `FileSource`.
 */
import { InputError } from '../core/errors.js';
import { Bzip2Error, bunzip2 } from './formats/bzip2.js';
import { truncatedImage } from './formats/truncated.js';

export type Encoding = 'raw' | 'zip' | 'bzip2';

export interface ByteReader {
  readonly path: string;
  /** Whether the bytes are unpacked on the way. */
  readonly packed: boolean;
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

/** Files by their paths. */
export interface FileSource {
  /** @throws InputError ('image') when there is no such file, or it cannot be read */
  open(path: string, options?: OpenOptions): Promise<ByteReader>;
  exists(path: string): boolean;
  /** The path of what a header calls `name`. */
  beside(path: string, name: string): string;
}

/** How many bytes one byte of deflated data can become. */
export const DEFLATE_RATIO = 1032;

/** The last `count` bytes of a file, but none before `start`. */
export async function openAtEnd(
  files: FileSource,
  path: string,
  start: number,
  count: number,
  expected?: string,
): Promise<ByteReader> {
  const reader = await files.open(path, { start, encoding: 'raw', ...(expected && { expected }) });
  if (reader.most > count) await reader.skip(reader.most - count);
  return reader;
}

/** Fills the target, or says what is missing. `what` names the part, for the message. */
export async function readExactly(reader: ByteReader, target: Uint8Array, what: string): Promise<void> {
  const count = await reader.read(target);
  if (count < target.length) throw truncatedImage(reader.path, `${what} of ${target.length} bytes`, `${count} bytes`);
}

/** The first bytes, fewer where the file is shorter; and whether it is packed with gzip. */
export async function readHead(
  files: FileSource,
  path: string,
  count: number,
): Promise<{ head: Uint8Array; packed: boolean }> {
  const reader = await files.open(path);
  try {
    const head = new Uint8Array(count);
    return { head: head.subarray(0, await reader.read(head)), packed: reader.packed };
  } finally {
    await reader.close();
  }
}

/** All bytes of a small file. @throws InputError ('image') where it is longer than the bound */
export async function readWhole(files: FileSource, path: string, most: number): Promise<Uint8Array> {
  const reader = await files.open(path, { encoding: 'raw' });
  try {
    if (reader.most > most) {
      throw new InputError(
        'image',
        `${path}: expected at most ${most} bytes, found ${reader.most}`,
        'Look at the file.',
      );
    }
    const bytes = new Uint8Array(reader.most);
    return bytes.subarray(0, await reader.read(bytes));
  } finally {
    await reader.close();
  }
}

export function isGzip(mark: Uint8Array): boolean {
  return mark.length >= 3 && mark[0] === 0x1f && mark[1] === 0x8b && mark[2] === 8;
}

/** One character for each byte. */
export function latin(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2 ** 13) text += String.fromCharCode(...bytes.subarray(at, at + 2 ** 13));
  return text;
}

/** A reader of bzip2, which is unpacked as a whole up to the limit. */
export function unpackedBzip2(path: string, packed: Uint8Array, limit: number): ByteReader {
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

/** Bytes that come in pieces, as unpackers give them. */
export class PieceReader implements ByteReader {
  private piece: Uint8Array = new Uint8Array(0);
  private taken = 0;
  readonly packed = true;

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
export function damaged(path: string, cause: unknown): InputError {
  const { code, message } = cause as Error & { readonly code?: string };
  const cut = code === 'Z_BUF_ERROR' || /truncated|unexpected end/i.test(message);
  if (cut || (cause instanceof Bzip2Error && cause.cutShort)) {
    return truncatedImage(path, 'complete compressed data', 'an end in the middle', cause);
  }
  return new InputError(
    'image',
    `${path}: expected compressed data, found damage (${message})`,
    'Copy or download the file again.',
    { cause },
  );
}
