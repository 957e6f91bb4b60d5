/** Files that are dropped on the page, also those of dropped folders. */
import { isPageFile } from '../../../browser/file-kinds';

/** Whether a file within a folder is taken; what is dropped by itself is tried whatever its name. */
export function isImage(name: string): boolean {
  return !name.startsWith('.') && isPageFile(name);
}

export async function droppedFiles({ items, files }: DataTransfer): Promise<File[]> {
  // Entries are to be asked for before anything is waited for.
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  const folders = entries.filter((entry) => entry?.isDirectory === true) as FileSystemDirectoryEntry[];
  const names = new Set(folders.map(({ name }) => name));
  const found = [...files].filter(({ name }) => !names.has(name));
  for (const folder of folders) found.push(...(await filesWithin(folder)));
  return found;
}

async function filesWithin(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const found: File[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return found;
    for (const entry of entries) {
      if (entry.isDirectory) found.push(...(await filesWithin(entry as FileSystemDirectoryEntry)));
      else if (isImage(entry.name)) {
        found.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
      }
    }
  }
}
