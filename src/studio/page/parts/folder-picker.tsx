/** Choosing a folder, or an image, of the data: one level after the other. */
import { useState } from 'preact/hooks';
import type { FolderListing } from '../../shared/protocol';
import { get } from '../api';
import { useLoaded } from '../hooks';
import { Notice } from './notice';

export interface PickerProps {
  readonly value: string;
  readonly onPick: (path: string) => void;
  /** Whether an image is wanted, or the folder itself. */
  readonly what: 'folder' | 'image';
  readonly name: string;
}

export function FolderPicker({ value, onPick, what, name }: PickerProps) {
  const [path, setPath] = useState(() => (what === 'image' && value ? parentOf(value) : value || '.'));
  const { value: listing, error } = useLoaded(path, () => get<FolderListing>('data/folder', { path }));
  const open = (next: string) => {
    setPath(next);
    if (what === 'folder') onPick(next);
  };
  const images = listing?.entries.filter(({ kind }) => kind !== 'folder') ?? [];
  return (
    <fieldset class="picker" aria-label={name}>
      <p class="small quiet">
        {path === '.' ? 'the folder of the data' : path}
        {what === 'folder' && listing && ` · ${images.length + listing.more} images here`}
      </p>
      {error && <Notice kind="error">{error}</Notice>}
      <div class="folder-list">
        {path !== '.' && (
          <button type="button" onClick={() => open(parentOf(path))}>
            ↑ back
          </button>
        )}
        {listing?.entries
          .filter(({ kind }) => kind === 'folder' || (what === 'image' && kind === 'image'))
          .map((entry) => (
            <button
              type="button"
              key={entry.path}
              aria-pressed={entry.path === value}
              onClick={() => (entry.kind === 'folder' ? open(entry.path) : onPick(entry.path))}
            >
              {entry.kind === 'folder' ? `${entry.name}/` : entry.name}
            </button>
          ))}
      </div>
    </fieldset>
  );
}

function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '.' : path.slice(0, at);
}
