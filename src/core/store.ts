/**
 * Where the files of a run lie: a folder, or what a browser keeps for a page. Names are relative, with `/` between
 * folders. A file is written whole or not at all, and is on the disk when the promise is fulfilled.
 */

export type Content = string | Uint8Array | readonly Uint8Array[];

export interface Store {
  /** The path of the folder, or the name of the place; for messages. */
  readonly name: string;
  /** The bytes of a file; null where there is none. */
  read(file: string): Promise<Uint8Array | null>;
  /**
   * Writes a whole file and makes its folder where needed.
   * @param content text, bytes, or the parts of the file one after the other, which spares a copy of all of it
   * @throws InputError ('file') when there is no room or no permission, or when the store itself was removed meanwhile;
   * an older file of that name then stays as it was
   */
  write(file: string, content: Content): Promise<void>;
  /** Appends a line to a text file; one that cannot be written whole is taken back. @throws as `write` does */
  append(file: string, line: string): Promise<void>;
  /** Makes `to` a copy of a file. @throws as `write` does */
  copy(file: string, to: string): Promise<void>;
  /** Gives a file another name. */
  rename(file: string, to: string): Promise<void>;
  /** Removes a file or a folder with all that is in it; one that is absent is no error. */
  remove(file: string): Promise<void>;
  /** The names in a folder, sorted; none where it is absent. @param folder empty for the store itself */
  list(folder?: string): Promise<readonly string[]>;
  /** Removes what writers that were killed have left behind. */
  tidy(): Promise<void>;
  /**
   * Takes the store for this process alone, until it is released.
   * @throws InputError ('file') when another one that is alive holds it, naming it
   */
  lock(): Promise<StoreLock>;
}

export interface StoreLock {
  release(): Promise<void>;
}

/** A file of a store as a user would look for it. */
export function placeIn(store: Store, file: string): string {
  return `${store.name}/${file}`;
}
