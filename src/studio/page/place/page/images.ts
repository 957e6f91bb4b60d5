/** The images of the page: `data/FOLDER/images/` of the private file system. */
import { byStem, contentAt } from '../../../../browser/dataset';
import { isPageVolume } from '../../../../browser/file-kinds';
import { OpfsStore } from '../../../../browser/opfs-store';
import { type FileContent, readData } from '../../../../browser/read-data';
import { faultOf } from '../../../../core/errors';
import { compareNames, lastName } from '../../../../core/names';
import { stemOf } from '../../../../data/file-names';
import { type Ground, groundOfImage, groundOfVolume } from '../../../answers/ground';
import { pictureOf } from '../../../answers/picture';
import type { FolderEntry } from '../../../shared/protocol';
import type { PlaceCalls } from '../place';
import { arrivals, keptFiles } from './added';
import { checkedName, files } from './opfs';

const LISTED = 2000;
/** The images of all folders. */
const data = new OpfsStore('data');

export const imageCalls: Pick<PlaceCalls, 'folder' | 'image' | 'filesOf' | 'addImages' | 'removeImages'> = {
  async folder(path) {
    if (path === '.') {
      const names = await data.list();
      return { path, entries: names.map((name): FolderEntry => ({ name, path: name, kind: 'folder' })), more: 0 };
    }
    const entries = [...(await imagesIn(path)).values()].map(
      (file): FolderEntry => ({ name: lastName(file), path: file, kind: isPageVolume(file) ? 'volume' : 'image' }),
    );
    entries.sort((a, b) => compareNames(a.name, b.name));
    return { path, entries: entries.slice(0, LISTED), more: Math.max(0, entries.length - LISTED) };
  },

  async image(path) {
    const decoded = await readData(await contentOf(path), path, isPageVolume(path) ? 'volumes' : 'images');
    const { facts, arrays } = pictureOf(decoded);
    return { ...facts, values: arrays.values! };
  },

  async filesOf(path) {
    const content = await contentOf(path);
    const all = content instanceof Uint8Array ? [[path, content] as const] : [...content];
    return all.map(([name, bytes]) => ({ name: lastName(name), content: new Blob([Uint8Array.from(bytes)]) }));
  },

  async addImages(folder, added, slices = false) {
    const into = checkedName(folder, 'folder');
    const known = new Set((await imagesIn(into)).keys());
    const { found, notes } = await arrivals(added);
    let images = 0;
    for (const arrival of found) {
      try {
        const kept = await keptFiles(arrival, slices);
        if (kept.note) notes.push(kept.note);
        const taken = new Set<string>();
        for (const { path, bytes } of kept.files) {
          const id = path.includes('/') ? path.split('/')[0]! : stemOf(path);
          if (known.has(id)) {
            if (!taken.has(id)) notes.push(`${path}: an image of this name is there already, and stays`);
            taken.add(id);
            continue;
          }
          await data.write(`${into}/images/${path}`, bytes);
          if (!taken.has(id)) images++;
          taken.add(id);
        }
        for (const id of taken) known.add(id);
      } catch (error) {
        notes.push(faultOf(error));
      }
    }
    return { images, notes };
  },

  removeImages: (folder) => data.remove(checkedName(folder, 'folder')),
};

/** The images and volumes of a folder by id: paths below `data/`. */
export async function imagesIn(folder: string): Promise<Map<string, string>> {
  const store = new OpfsStore(`data/${checkedName(folder, 'folder')}`);
  const names = (await store.files()).filter((name) => name.startsWith('images/'));
  return new Map([...byStem(names)].map(([id, path]) => [id, `${folder}/${path}`]));
}

/** @param path below `data/` */
export function contentOf(path: string): Promise<FileContent> {
  return contentAt(data, path);
}

const KEPT = 200;
const grounds = new Map<string, { readonly stamp: string; readonly ground: Ground }>();

/** What is drawn on, which is read once, until the image changes. @param path below `data/` */
export async function groundOf(path: string): Promise<Ground> {
  const [first = ''] = await data.list(path);
  const file = await data.file(first === '' ? path : `${path}/${first}`);
  const stamp = `${file?.lastModified} ${file?.size}`;
  const kept = grounds.get(path);
  if (kept?.stamp === stamp) return kept.ground;
  const decoded = await readData(await contentOf(path), path, isPageVolume(path) ? 'volumes' : 'images');
  const ground = decoded.kind === 'images' ? groundOfImage(decoded.image) : groundOfVolume(decoded.stored);
  if (grounds.size >= KEPT) grounds.delete(grounds.keys().next().value as string);
  grounds.set(path, { stamp, ground });
  return ground;
}

/** Copies an image or all files of a series. @param path below `data/` @param to the folder that it comes into */
export async function copyImage(path: string, to: string): Promise<void> {
  const content = await contentOf(path);
  if (content instanceof Uint8Array) {
    await files.write(`${to}/${lastName(path)}`, content);
    return;
  }
  for (const [name, bytes] of content) await files.write(`${to}/${lastName(path)}/${lastName(name)}`, bytes);
}
