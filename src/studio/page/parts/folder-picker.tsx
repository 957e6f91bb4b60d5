/** Choosing a folder, or an image, of the data: one level after the other. */
import { useState } from 'preact/hooks';
import { counted } from '../../../core/counted';
import type { FolderEntry, FolderListing } from '../../shared/protocol';
import { useLoaded } from '../hooks';
import { dataIn } from '../place/data-of';
import type { Place } from '../place/place';
import { addressOf, at } from '../place/places';
import { Notice } from './notice';

export interface PickerProps {
  readonly place: Place;
  /** The address of what is chosen; empty for nothing. */
  readonly value: string;
  readonly onPick: (address: string) => void;
  /** Whether an image is wanted, or the folder itself. */
  readonly what: 'folder' | 'image';
  readonly name: string;
}

export function FolderPicker({ place, value, onPick, what, name }: PickerProps) {
  const chosen = value === '' ? '' : at(value).name;
  const [path, setPath] = useState(() => (what === 'image' && chosen ? parentOf(chosen) : chosen || '.'));
  const { value: listing, error } = useLoaded(`${place.name} ${path}`, () => place.folder(path));
  const open = (next: string) => {
    setPath(next);
    if (what === 'folder') onPick(addressOf(place, next));
  };
  const opens = ({ kind, series }: FolderEntry) => kind === 'folder' && !(what === 'image' && series);
  const { value: data } = useLoaded(what === 'folder' && listing ? `data ${place.name} ${path}` : null, () =>
    dataIn(place, listing!),
  );
  return (
    <fieldset class="picker" aria-label={name}>
      <p class="small quiet">
        {path === '.' ? (place.name === 'page' ? 'the images of this page' : 'the folder of the data') : path}
        {data && ` · ${told(data)}`}
      </p>
      {error && <Notice kind="error">{error}</Notice>}
      <div class="folder-list">
        {path !== '.' && (
          <button type="button" onClick={() => open(parentOf(path))}>
            ↑ back
          </button>
        )}
        {listing?.entries
          .filter(({ kind }) => kind === 'folder' || what === 'image')
          .map((entry) => (
            <button
              type="button"
              key={entry.path}
              aria-pressed={entry.path === chosen}
              onClick={() => (opens(entry) ? open(entry.path) : onPick(addressOf(place, entry.path)))}
            >
              {opens(entry) ? `${entry.name}/` : entry.name}
            </button>
          ))}
      </div>
    </fieldset>
  );
}

/** `8 volumes`, `31 images and 2 volumes`, of a long list `1518 files`. */
function told({ entries, more }: FolderListing): string {
  const images = entries.filter(({ kind }) => kind === 'image').length;
  const volumes = entries.length - images;
  if (more > 0) return counted(entries.length + more, 'file');
  if (volumes === 0) return counted(images, 'image');
  return [...(images > 0 ? [counted(images, 'image')] : []), counted(volumes, 'volume')].join(' and ');
}

function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '.' : path.slice(0, at);
}
