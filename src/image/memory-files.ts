/** Files in memory, as a page has them: by their names, unpacked by what browsers and Node have in common. */
import { InputError } from '../core/errors.js';
import { lastName } from '../core/names.js';
import { type ByteReader, DEFLATE_RATIO, type FileSource, isGzip, PieceReader, unpackedBzip2 } from './byte-reader.js';
import { inflated } from './inflate.js';

/**
 * @param files by their names; a header finds its voxels among them
 * @example readVolumeFrom(memoryFiles(new Map([['scan.nii.gz', bytes]])), 'scan.nii.gz')
 */
export function memoryFiles(files: ReadonlyMap<string, Uint8Array>): FileSource {
  return {
    async open(path, { start = 0, encoding = 'auto', limit = 2 ** 31, expected = 'a file' } = {}) {
      const bytes = files.get(path);
      if (!bytes) {
        throw new InputError(
          'image',
          `${path}: expected ${expected}, found no such file`,
          'Choose the files that belong together at once.',
        );
      }
      const stored = bytes.subarray(start);
      const chosen = encoding === 'auto' ? (isGzip(stored) ? 'zip' : 'raw') : encoding;
      if (chosen === 'bzip2') return unpackedBzip2(path, stored, limit);
      return chosen === 'raw' ? new MemoryReader(path, stored) : unzipped(path, stored);
    },
    exists: (path) => files.has(path),
    beside: (path, name) => path.slice(0, path.length - lastName(path).length) + lastName(name),
  };
}

class MemoryReader implements ByteReader {
  readonly packed = false;
  readonly path: string;
  private left: Uint8Array;

  constructor(path: string, bytes: Uint8Array) {
    this.path = path;
    this.left = bytes;
  }

  get most(): number {
    return this.left.length;
  }

  async read(target: Uint8Array): Promise<number> {
    const part = this.left.subarray(0, target.length);
    target.set(part);
    this.left = this.left.subarray(part.length);
    return part.length;
  }

  async skip(count: number): Promise<number> {
    const passed = Math.min(count, this.left.length);
    this.left = this.left.subarray(passed);
    return passed;
  }

  async close(): Promise<void> {}
}

/** zlib begins with another byte than gzip. */
function unzipped(path: string, stored: Uint8Array): ByteReader {
  const pieces = inflated(stored, isGzip(stored) ? 'gzip' : 'deflate');
  return new PieceReader(path, stored.length * DEFLATE_RATIO, pieces, () => {
    pieces.return(undefined).catch(() => {});
  });
}
