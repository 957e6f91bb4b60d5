/**
 * The files of a run in the browser's private file system, with the same names and bytes as in a folder. A file is
 * written to a place beside it and takes the older one's place when it is closed, which the browser does itself.
 */
import { InputError } from '../core/errors.js';
import type { Content, Store, StoreLock } from '../core/store.js';
import { LineWriter } from './line-writer.js';

/** What a browser that was closed while it wrote may leave behind. */
const LEFT_OVER = '.crswap';

/** The folder is made by the first write or the lock. A folder that vanishes after that is not made anew. */
export class OpfsStore implements Store {
  readonly name: string;
  readonly #path: readonly string[];
  readonly #lines = new LineWriter();
  #made = false;

  /** @param path from the root of the private file system on, such as `runs/xrays` */
  constructor(path: string) {
    this.#path = partsOf(path);
    this.name = this.#path.join('/');
  }

  async read(file: string): Promise<Uint8Array | null> {
    return guarded(this.#place(file), async () => {
      const handle = await orNull(this.#handle(file));
      return handle && new Uint8Array(await (await handle.getFile()).arrayBuffer());
    });
  }

  /** A file as the browser has it, with its size and time, without reading it; null where it is absent. */
  async file(file: string): Promise<File | null> {
    return guarded(this.#place(file), async () => (await orNull(this.#handle(file)))?.getFile() ?? null);
  }

  async write(file: string, content: Content): Promise<void> {
    await guarded(this.#place(file), async () => {
      const handle = await this.#newHandle(file);
      const writable = await handle.createWritable();
      try {
        for (const part of partsOfContent(content)) await writable.write(part);
        await writable.close();
      } catch (cause) {
        await writable.abort().catch(() => {});
        throw cause;
      }
    });
  }

  async append(file: string, line: string): Promise<void> {
    await guarded(this.#place(file), async () => this.#lines.append(await this.#newHandle(file), `${line}\n`));
  }

  async copy(file: string, to: string): Promise<void> {
    const content = await this.read(file);
    if (content === null) throw absent(this.#place(file));
    await this.write(to, content);
  }

  async rename(file: string, to: string): Promise<void> {
    await this.copy(file, to);
    await this.remove(file);
  }

  async remove(file: string): Promise<void> {
    await guarded(this.#place(file), async () => {
      const [folders, name] = split([...this.#path, ...partsOf(file)]);
      const folder = await orNull(folderAt(folders));
      await orNull(folder?.removeEntry(name, { recursive: true }));
    });
  }

  async list(folder = ''): Promise<readonly string[]> {
    return guarded(this.#place(folder), async () => {
      const handle = await orNull(folderAt([...this.#path, ...partsOf(folder)]));
      const names: string[] = [];
      if (handle) for await (const name of handle.keys()) names.push(name);
      return names.sort();
    });
  }

  /** The names of all files, sorted, with `/` between folders. */
  async files(): Promise<string[]> {
    const handle = await orNull(folderAt(this.#path));
    return handle ? (await filesWithin(handle, '')).sort() : [];
  }

  async tidy(): Promise<void> {
    for (const file of await this.files()) if (file.endsWith(LEFT_OVER)) await this.remove(file);
  }

  async lock(): Promise<StoreLock> {
    if (this.name === '') {
      throw new InputError('file', 'expected the name of a run, found an empty one', 'Name it, such as runs/xrays.');
    }
    await guarded(this.name, () => folderAt(this.#path, true));
    this.#made = true;
    const release = await holdLock(`cover:${this.name}`);
    if (release) return { release: async () => release() };
    throw new InputError(
      'file',
      `${this.name}: another tab or worker of this browser uses this run`,
      'Close it, or wait until its training has ended.',
    );
  }

  #place(file: string): string {
    return file === '' ? this.name : `${this.name}/${file}`;
  }

  async #handle(file: string): Promise<FileSystemFileHandle> {
    const [folders, name] = split([...this.#path, ...partsOf(file)]);
    return (await folderAt(folders)).getFileHandle(name);
  }

  /** A file that may be new, in a folder that may be new, in a store that is there. */
  async #newHandle(file: string): Promise<FileSystemFileHandle> {
    if (this.#made && !(await orNull(folderAt(this.#path)))) {
      throw new InputError(
        'file',
        `${this.name}: expected the files of this run, found that they were removed`,
        'The run is stopped; begin it anew.',
      );
    }
    const [folders, name] = split([...this.#path, ...partsOf(file)]);
    const folder = await folderAt(folders, true);
    this.#made = true;
    return folder.getFileHandle(name, { create: true });
  }
}

/** The parts of a path. Nothing leads out of the store. */
function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.some((part) => part === '.' || part === '..')) {
    throw new InputError('file', `${path}: expected a name within the store, found one that leads out of it`);
  }
  return parts;
}

function split(parts: readonly string[]): [folders: readonly string[], name: string] {
  return [parts.slice(0, -1), parts.at(-1)!];
}

async function folderAt(path: readonly string[], create = false): Promise<FileSystemDirectoryHandle> {
  let folder = await navigator.storage.getDirectory();
  for (const name of path) folder = await folder.getDirectoryHandle(name, { create });
  return folder;
}

async function filesWithin(folder: FileSystemDirectoryHandle, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === 'file') found.push(prefix + name);
    else found.push(...(await filesWithin(handle as FileSystemDirectoryHandle, `${prefix}${name}/`)));
  }
  return found;
}

function partsOfContent(content: Content): (string | Uint8Array<ArrayBuffer>)[] {
  const parts = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  return parts as (string | Uint8Array<ArrayBuffer>)[];
}

/** Null for what is not there. */
async function orNull<T>(promise: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await promise) ?? null;
  } catch (error) {
    if (nameOf(error) === 'NotFoundError' || nameOf(error) === 'TypeMismatchError') return null;
    throw error;
  }
}

/** The browser's errors as ones that name the file and say what to do. */
async function guarded<T>(place: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    if (nameOf(cause) === 'NotFoundError') throw absent(place);
    const full = nameOf(cause) === 'QuotaExceededError';
    throw new InputError(
      'file',
      full
        ? `${place}: the browser gives this page no more room`
        : `${place}: could not be read or written (${(cause as Error).message})`,
      full ? 'Remove runs that are not needed, or let the page keep more data.' : 'Load the page again.',
      { cause },
    );
  }
}

function absent(place: string): InputError {
  return new InputError('file', `${place}: there is no such file`);
}

const nameOf = (error: unknown) => (error as { readonly name?: string } | null)?.name;

/**
 * Holds a lock of the browser until the function that is returned is called, or the page ends; null where it is taken.
 */
function holdLock(name: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}
