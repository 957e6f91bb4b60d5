/** Files that are dropped on the page or chosen there, also those of folders. */
import { isPageFile } from '../../../browser/file-kinds';
import { lastName } from '../../../core/names';
import { mayBeDicomName } from '../../../data/file-names';
import type { AddedFile } from '../place/place';

/** Whether a file within a folder is taken; what is dropped by itself is tried whatever its name. */
export function isImage(name: string): boolean {
  return !lastName(name).startsWith('.') && (isPageFile(name) || mayBeDicomName(name));
}

/** The files of an input, those of a folder with the folders that they lie in. */
export function chosenFiles({ files }: HTMLInputElement): AddedFile[] {
  return [...(files ?? [])].map((file) => ({ name: file.webkitRelativePath || file.name, content: file }));
}

export async function droppedFiles({ items, files }: DataTransfer): Promise<AddedFile[]> {
  // Entries are to be asked for before anything is waited for.
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  const folders = entries.filter((entry) => entry?.isDirectory === true) as FileSystemDirectoryEntry[];
  const names = new Set(folders.map(({ name }) => name));
  const found = [...files].filter(({ name }) => !names.has(name)).map((file) => ({ name: file.name, content: file }));
  for (const folder of folders) found.push(...(await filesWithin(folder)));
  return found;
}

async function filesWithin(folder: FileSystemDirectoryEntry): Promise<{ name: string; content: File }[]> {
  const reader = folder.createReader();
  const found: { name: string; content: File }[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return found;
    for (const entry of entries) {
      if (entry.isDirectory) found.push(...(await filesWithin(entry as FileSystemDirectoryEntry)));
      else if (isImage(entry.name)) {
        const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
        found.push({ name: entry.fullPath.slice(1), content: file });
      }
    }
  }
}
