/**
 * Appends to files of the browser's private file system. In a worker a line is written where the file ends; elsewhere
 * the browser copies the file for it, which a worker is spared.
 */

/** What only workers have. */
interface SyncAccess {
  getSize(): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

export class LineWriter {
  /** One line after the other: a file can be opened for writing once at a time. */
  #last: Promise<unknown> = Promise.resolve();

  /** Writes a text at the end of a file; one that cannot be written whole is taken back. */
  append(file: FileSystemFileHandle, text: string): Promise<void> {
    const written = this.#last.then(() => append(file, text));
    this.#last = written.catch(() => {});
    return written;
  }
}

async function append(file: FileSystemFileHandle, text: string): Promise<void> {
  const { createSyncAccessHandle } = file as { createSyncAccessHandle?: () => Promise<SyncAccess> };
  if (!createSyncAccessHandle) {
    const { size } = await file.getFile();
    const writable = await file.createWritable({ keepExistingData: true });
    await writable.write({ type: 'write', position: size, data: text });
    await writable.close();
    return;
  }
  const bytes = new TextEncoder().encode(text);
  const access = await createSyncAccessHandle.call(file);
  const size = access.getSize();
  try {
    if (access.write(bytes, { at: size }) !== bytes.length) throw new DOMException('no room', 'QuotaExceededError');
    access.flush();
  } catch (cause) {
    access.truncate(size);
    throw cause;
  } finally {
    access.close();
  }
}
