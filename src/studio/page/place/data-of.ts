/** What a folder has to train on: its images and volumes, or those of its `images/`, as a dataset has them. */
import type { FolderEntry, FolderListing } from '../../shared/protocol';
import type { Place } from './place';
import { at } from './places';

/** An image, or a volume as a file or as a folder of slices. */
function isData({ kind, series }: FolderEntry): boolean {
  return kind !== 'folder' || series === true;
}

/** @param folder its address @returns the folder that they lie in, with these entries alone */
export async function dataOf(folder: string): Promise<FolderListing> {
  const { place, name } = at(folder);
  return dataIn(place, await place.folder(name));
}

/** The same of a folder whose entries are known. */
export async function dataIn(place: Place, own: FolderListing): Promise<FolderListing> {
  const below = own.entries.find(({ name, kind }) => name === 'images' && kind === 'folder');
  const listing = below ? await place.folder(below.path) : own;
  return { ...listing, entries: listing.entries.filter(isData) };
}
