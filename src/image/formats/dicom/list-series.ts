/** The series of a folder, under Node. */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../../core/errors.js';
import { compareNames } from '../../../core/names.js';
import { nodeDecoders } from './node-decoders.js';
import { type DicomFiles, type DicomFolder, seriesAmong } from './series.js';

/**
 * Lists the series in a folder and the folders inside of it, or in a single file.
 * @param options `nested: false` leaves out the folders inside of it
 * @throws InputError ('file') when the path does not exist
 * @example const { series, skipped } = await listDicomSeries('study');
 */
export async function listDicomSeries(
  path: string,
  { nested = true }: { readonly nested?: boolean } = {},
): Promise<DicomFolder> {
  return seriesAmong(await filesOf(path, nested), new NodeDicomFiles());
}

async function filesOf(path: string, nested: boolean): Promise<string[]> {
  let folder: boolean;
  try {
    folder = (await stat(path)).isDirectory();
  } catch (cause) {
    throw new InputError(
      'file',
      `${path}: expected a folder of DICOM files, found none`,
      'Check the path and its permissions.',
      { cause },
    );
  }
  if (!folder) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => compareNames(a.name, b.name));
  const files: string[] = [];
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) {
      if (nested) files.push(...(await filesOf(inner, nested)));
    } else if (entry.isFile()) files.push(inner);
    else if (entry.isSymbolicLink() && (await stat(inner).catch(() => undefined))?.isFile()) files.push(inner);
  }
  return files;
}

/** Whole files are read into one buffer, one after the other; it grows to the largest. */
export class NodeDicomFiles implements DicomFiles {
  readonly foreign = nodeDecoders;
  private buffer = new Uint8Array(0);

  async head(path: string, count: number): Promise<{ bytes: Uint8Array; size: number }> {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const bytes = new Uint8Array(Math.min(count, size));
      return { bytes: bytes.subarray(0, await filled(handle, bytes)), size };
    } finally {
      await handle.close();
    }
  }

  async whole(path: string): Promise<Uint8Array> {
    const handle = await open(path).catch((cause: Error) => {
      throw new InputError('image', `${path}: expected a DICOM file, found ${cause.message}`, 'Check the path.', {
        cause,
      });
    });
    try {
      const { size } = await handle.stat();
      if (size > this.buffer.length) this.buffer = new Uint8Array(size);
      return this.buffer.subarray(0, await filled(handle, this.buffer.subarray(0, size)));
    } finally {
      await handle.close();
    }
  }
}

/** Fills the target from the front of a file, and says how many bytes were there. */
async function filled(handle: FileHandle, target: Uint8Array): Promise<number> {
  let count = 0;
  while (count < target.length) {
    const { bytesRead } = await handle.read(target, count, target.length - count, count);
    if (bytesRead === 0) break;
    count += bytesRead;
  }
  return count;
}
