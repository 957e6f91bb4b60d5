/** Masks come in as files named as their images, and go out into a folder of the project. */
import { useState } from 'preact/hooks';
import { stemOf } from '../../../../data/file-names';
import type { Project, VolumeMask } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { download } from '../../parts/download';
import { Notice, told } from '../../parts/notice';
import { at } from '../../place/places';

interface ExchangeProps {
  readonly address: string;
  readonly project: Project;
  readonly current: string | undefined;
  readonly attempt: (act: () => Promise<unknown>) => void;
  /** The map of a case is another one now: what the page has of it is old. */
  readonly onImported: (id: string) => void;
}

export function Exchange({ address, project, current, attempt, onImported }: ExchangeProps) {
  const [said, setSaid] = useState('');
  const [refused, setRefused] = useState<readonly string[]>([]);
  const [format, setFormat] = useState<VolumeMask>('nifti');
  const { place, name } = at(address);
  const solid = project.caseList.some(({ volume }) => volume);
  const bring = async (files: FileList | null) => {
    const known = new Set(project.caseList.map(({ id }) => id));
    const all = [...(files ?? [])];
    const problems: string[] = [];
    setSaid('');
    setRefused([]);
    for (const file of all) {
      const id = stemOf(file.name);
      try {
        if (!known.has(id)) throw new Error('no image has its name');
        await place.importMask(name, id, new Uint8Array(await file.arrayBuffer()));
        onImported(id);
      } catch (error) {
        problems.push(`${file.name}: ${messageOf(error)}`);
      }
    }
    setSaid(`${all.length - problems.length} of ${all.length} masks taken over`);
    setRefused(problems);
  };
  return (
    <details>
      <summary>Import and export</summary>
      <div class="room-tight">
        <label class="field">
          Masks, named as their images: PNG, or of volumes NIfTI, NRRD, MetaImage
          <input
            type="file"
            accept=".png,.nii,.gz,.nrrd,.mha"
            multiple
            onChange={(event) => {
              attempt(() => bring(event.currentTarget.files));
              // A file that was refused is chosen again when it is mended.
              event.currentTarget.value = '';
            }}
          />
        </label>
        {solid && (
          <label class="field">
            Masks go out as
            <select value={format} onChange={(event) => setFormat(event.currentTarget.value as VolumeMask)}>
              <option value="nifti">NIfTI</option>
              <option value="nrrd">NRRD</option>
            </select>
          </label>
        )}
        <button
          type="button"
          onClick={() =>
            attempt(async () => {
              const masks = await place.exportMasks(name, format);
              if ('archive' in masks) download(`${name}-masks.zip`, masks.archive, 'application/zip');
              else setSaid(`Masks of all cases lie in ${masks.folder}/ in the folder of the runs`);
            })
          }
        >
          Export all masks
        </button>
        {current && !solid && (
          <p class="small quiet">A mask is a gray PNG of class numbers: it looks black in a viewer.</p>
        )}
        {said && <Notice>{said}</Notice>}
        {refused.length > 0 && <Notice kind="error">{told(refused).join('\n')}</Notice>}
      </div>
    </details>
  );
}
