/** The files of a run in a folder of the file system. */
import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../core/errors.js';
import type { Content, Store, StoreLock } from '../core/store.js';
import {
  appendLine,
  copyFileAtomic,
  ensureFolder,
  fileError,
  removeTemporaryFiles,
  writeFileAtomic,
} from '../system/files.js';
import { acquireLock, type Lock } from '../system/lock.js';

const LOCK = 'run.lock';

/** The folder is made by the first write or the lock. A folder that vanishes after that is not made anew. */
export class FolderStore implements Store {
  readonly name: string;
  readonly #folder: string;
  /** Whether the folder was made for this run. */
  #made = false;
  #lock: Lock | undefined;

  constructor(folder: string) {
    this.name = folder;
    this.#folder = resolve(folder);
  }

  async read(file: string): Promise<Uint8Array | null> {
    try {
      return readFileSync(this.#path(file));
    } catch (cause) {
      if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return null;
      throw fileError(this.#path(file), cause);
    }
  }

  async write(file: string, content: Content): Promise<void> {
    this.#check();
    writeFileAtomic(this.#path(file), content);
  }

  async append(file: string, line: string): Promise<void> {
    this.#check();
    if (!this.#lock) ensureFolder(this.#folder);
    appendLine(this.#path(file), line);
  }

  async copy(file: string, to: string): Promise<void> {
    this.#check();
    copyFileAtomic(this.#path(file), this.#path(to));
  }

  async rename(file: string, to: string): Promise<void> {
    renameSync(this.#path(file), this.#path(to));
  }

  async remove(file: string): Promise<void> {
    rmSync(this.#path(file), { recursive: true, force: true });
  }

  async list(folder = ''): Promise<readonly string[]> {
    const path = this.#path(folder);
    try {
      return readdirSync(path)
        .filter((name) => folder !== '' || !name.startsWith(LOCK))
        .sort();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw fileError(path, cause);
    }
  }

  async tidy(): Promise<void> {
    if (!existsSync(this.#folder)) return;
    removeTemporaryFiles(this.#folder);
    for (const entry of readdirSync(this.#folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTemporaryFiles(join(this.#folder, entry.name));
    }
  }

  async lock(): Promise<StoreLock> {
    this.#made = ensureFolder(this.#folder);
    this.#lock = await acquireLock(this.#path(LOCK), { name: this.name });
    return {
      release: async () => {
        this.#lock?.release();
        this.#lock = undefined;
        this.#removeIfEmpty();
      },
    };
  }

  /** A run that was refused leaves no folder behind but one that was there before. */
  #removeIfEmpty(): void {
    if (!this.#made) return;
    try {
      rmdirSync(this.#folder);
    } catch {
      // It has files, as it should.
    }
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }

  /** A folder that was removed, or taken over by another process, is not written to. */
  #check(): void {
    if (this.#lock && !existsSync(this.#folder)) {
      throw new InputError(
        'file',
        `${this.name}: expected the folder of this run, found that it was removed`,
        'The run is stopped; begin it anew, or restore the folder and use --resume.',
      );
    }
    this.#lock?.check();
  }
}
