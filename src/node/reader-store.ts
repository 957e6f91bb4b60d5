/** The files of a run as a process sees them that only reads them: another process of the same run writes. */
import type { Store } from '../core/store.js';

/** Takes what is to be written, and drops it. */
export function readerOf(store: Store): Store {
  const nothing = async () => {};
  return {
    name: store.name,
    read: (file) => store.read(file),
    list: (folder) => store.list(folder),
    write: nothing,
    append: nothing,
    copy: nothing,
    rename: nothing,
    remove: nothing,
    tidy: nothing,
    lock: async () => ({ release: nothing }),
  };
}
