/** A new project: a folder of images, the classes, and the network that training begins with. */
import { useState } from 'preact/hooks';
import { SCRATCH } from '../../../answers/pretraining';
import type { RunSummary } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { useLoaded } from '../../hooks';
import { axesOf, usable } from '../../parts/axes';
import { firstFolder, Images } from '../../parts/images';
import { Notice } from '../../parts/notice';
import { addressOf, allRuns, at, samePlace, titleOf } from '../../place/places';
import { forgetProject } from './work';

export function NewProject({ onMade }: { onMade: (address: string) => void }) {
  const [name, setName] = useState('');
  const [folder, setFolder] = useState(firstFolder);
  const [classes, setClasses] = useState('heart');
  const [from, setFrom] = useState('');
  const [problem, setProblem] = useState('');
  const networks = useLoaded(folder, () => networksFor(folder));
  const pretrained = networks.value ?? [];
  const chosen = from === SCRATCH || pretrained.some(({ id }) => id === from) ? from : (pretrained[0]?.id ?? SCRATCH);
  const make = async (event: Event) => {
    event.preventDefault();
    const named = classes.split(',').map((one) => one.trim());
    const { place, name: path } = at(folder);
    const wish = {
      name: name.trim(),
      folder: path,
      classes: ['background', ...named.filter(Boolean)],
      from: chosen === SCRATCH ? chosen : at(chosen).name,
    };
    setProblem('');
    await place
      .newProject(wish)
      .then((project) => {
        const address = addressOf(place, project.name);
        forgetProject(address);
        onMade(address);
      })
      .catch((error: unknown) => setProblem(messageOf(error)));
  };
  return (
    <form class="panel" onSubmit={make} aria-label="New project">
      <h2>New project</h2>
      <label class="field">
        Name
        <input required value={name} placeholder="hearts" onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <h3>Images</h3>
      <Images value={folder} onPick={setFolder} />
      <label class="field">
        Classes beside the background, with commas
        <input required value={classes} onInput={(event) => setClasses(event.currentTarget.value)} />
      </label>
      <label class="field">
        Training begins with
        <select value={chosen} onChange={(event) => setFrom(event.currentTarget.value)}>
          {pretrained.map(({ id }) => (
            <option key={id} value={id}>
              {titleOf(id)}
            </option>
          ))}
          <option value={SCRATCH}>a small network from scratch</option>
        </select>
      </label>
      {problem && <Notice kind="error">{problem}</Notice>}
      <button type="submit" class="main" disabled={!networks.value && !networks.error}>
        Begin
      </button>
    </form>
  );
}

/** The pretrainings that can be trained on with the images of a folder. */
async function networksFor(folder: string): Promise<RunSummary[]> {
  const [runs, axes] = await Promise.all([allRuns(), axesOf(folder)]);
  return runs.filter((run) => samePlace(run.id, folder) && axes.some((nd) => usable(run, nd)));
}
