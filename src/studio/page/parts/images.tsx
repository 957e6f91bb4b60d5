/**
 * Choosing where work is done and on which images: a folder of this computer, or images that were put into the page.
 */
import { useEffect, useId, useState } from 'preact/hooks';
import { counted } from '../../../core/counted';
import { mayBeDicomName } from '../../../data/file-names';
import { messageOf } from '../api';
import { useLoaded } from '../hooks';
import { copyFolder } from '../place/copy';
import { dataOf } from '../place/data-of';
import type { AddedFile } from '../place/place';
import { addressOf, at, places } from '../place/places';
import { chosenFiles, droppedFiles, isImage } from './dropped-files';
import { FolderPicker } from './folder-picker';
import { NoFolder } from './no-folder';
import { Notice, told } from './notice';
import { Remove } from './remove';

export interface ImagesProps {
  /** The address of the folder. */
  readonly value: string;
  readonly onPick: (address: string) => void;
}

/** The address at which a choice begins. */
export function firstFolder(): string {
  const [first] = places().filter(({ facts }) => facts.images);
  return first ? addressOf(first.place, '.') : '.';
}

export function Images({ value, onPick }: ImagesProps) {
  const { place, facts } = at(value);
  const [version, setVersion] = useState(0);
  const usable = places().filter((one) => one.facts.images);
  const id = useId();
  return (
    <div class="room-tight">
      {usable.length > 1 && (
        <fieldset class="row picker" aria-label="Where">
          {usable.map((one) => (
            <label class="check" key={one.place.name}>
              <input
                type="radio"
                name={`where-${id}`}
                checked={one.place === place}
                onChange={() => onPick(addressOf(one.place, '.'))}
              />
              {one.place.title}
            </label>
          ))}
        </fieldset>
      )}
      {usable.length < places().length && <NoFolder />}
      {facts.ownsFiles && (
        <AddImages
          folder={value}
          onAdded={(folder) => {
            setVersion(version + 1);
            onPick(folder);
          }}
        />
      )}
      <FolderPicker
        key={`${place.name} ${version}`}
        place={place}
        name="Folder of the images"
        what="folder"
        value={value}
        onPick={onPick}
      />
      {facts.ownsFiles && at(value).name !== '.' && (
        <Remove
          title="Remove these images"
          what={`of ${at(value).name}`}
          act={() => place.removeImages(at(value).name)}
          onDone={() => {
            setVersion(version + 1);
            onPick(addressOf(place, '.'));
          }}
        />
      )}
    </div>
  );
}

interface AddProps {
  readonly folder: string;
  readonly onAdded: (folder: string) => void;
}

/** Images are dropped or opened, or copied from this computer's folder; they stay in this browser. */
function AddImages({ folder, onAdded }: AddProps) {
  const { place, name } = at(folder);
  const [into, setInto] = useState(name === '.' ? 'images' : name);
  const [slices, setSlices] = useState(false);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState('');
  const [said, setSaid] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState('');
  // A folder that is chosen is the one that grows.
  useEffect(() => {
    if (name !== '.') setInto(name);
  }, [name]);
  const other = places().find((one) => one.place !== place && one.facts.images);
  const attempt = async (what: string, act: () => Promise<{ images: number; notes: readonly string[] }>) => {
    setProblem('');
    setSaid([]);
    setBusy(what);
    try {
      const { images, notes } = await act();
      setSaid([`${counted(images, 'image')} added to ${into}/ of this browser`, ...told(notes)]);
      if (images > 0) onAdded(addressOf(place, into));
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy('');
  };
  const add = async (files: readonly AddedFile[]) => {
    if (files.length === 0) return;
    await attempt('Reading them …', async () => {
      let [images, notes]: [number, readonly string[]] = [0, []];
      const dicom = files.filter(({ name }) => mayBeDicomName(name));
      const others = files.filter(({ name }) => !mayBeDicomName(name));
      for (const [index, group] of [...others.map((file) => [file]), dicom].entries()) {
        if (group.length === 0) continue;
        setBusy(
          index < others.length ? `Reading ${index + 1} of ${files.length} …` : `Reading ${group.length} files …`,
        );
        const added = await place.addImages(into, group, slices);
        images += added.images;
        notes = [...notes, ...added.notes];
      }
      return { images, notes };
    });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shorter way to the buttons within.
    <div
      class={`drop ${over ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(add);
      }}
    >
      <p class="small quiet">
        Drop images or volumes here: PNG, JPEG, TIFF, WebP, DICOM, also the slices of a series, NIfTI, NRRD, MetaImage,
        MGH. They stay in this browser.
      </p>
      <div class="row">
        <label class="field">
          Into the folder
          <input value={into} onInput={(event) => setInto(event.currentTarget.value)} />
        </label>
        <label class="field">
          Open images
          <input
            type="file"
            multiple
            disabled={busy !== ''}
            onChange={(event) => {
              void add(chosenFiles(event.currentTarget));
              event.currentTarget.value = '';
            }}
          />
        </label>
        <label class="field">
          Open a folder
          <input
            type="file"
            multiple
            // The attribute has no type of its own.
            ref={(input) => input?.setAttribute('webkitdirectory', '')}
            disabled={busy !== ''}
            onChange={(event) => {
              void add(chosenFiles(event.currentTarget).filter(({ name }) => isImage(name)));
              event.currentTarget.value = '';
            }}
          />
        </label>
      </div>
      <label class="check small">
        <input type="checkbox" checked={slices} onChange={() => setSlices(!slices)} />
        of volumes take the axial slices, as images
      </label>
      {other && (
        <details>
          <summary>Copy a folder of this computer</summary>
          <CopyFolder
            from={addressOf(other.place, '.')}
            onCopy={(from) => attempt('Copying …', () => copyFolder(from, addressOf(place, into), setBusy))}
          />
        </details>
      )}
      {busy && <p role="status">{busy}</p>}
      {problem && <Notice kind="error">{problem}</Notice>}
      {said.length > 0 && (
        <Notice>
          {said.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </Notice>
      )}
    </div>
  );
}

function CopyFolder({ from, onCopy }: { from: string; onCopy: (from: string) => void }) {
  const [chosen, setChosen] = useState(from);
  const { place } = at(chosen);
  const { value } = useLoaded(`copy ${chosen}`, () => dataOf(chosen));
  const images = value?.entries.length ?? 0;
  return (
    <div class="room-tight">
      <FolderPicker place={place} name="Folder to copy" what="folder" value={chosen} onPick={setChosen} />
      <button type="button" disabled={images === 0} onClick={() => onCopy(chosen)}>
        Copy {counted(images, 'image')} into this browser
      </button>
    </div>
  );
}
