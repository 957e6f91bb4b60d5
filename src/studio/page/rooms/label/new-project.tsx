/** A new project: a folder of images, the classes, and the network that training begins with. */
import { useState } from 'preact/hooks';
import type { Project, RunSummary } from '../../../shared/protocol';
import { get, messageOf, post } from '../../api';
import { useLoaded } from '../../hooks';
import { FolderPicker } from '../../parts/folder-picker';
import { Notice } from '../../parts/notice';

export function NewProject({ onMade }: { onMade: (project: Project) => void }) {
  const [name, setName] = useState('');
  const [folder, setFolder] = useState('.');
  const [classes, setClasses] = useState('heart');
  const [from, setFrom] = useState('');
  const [problem, setProblem] = useState('');
  const runs = useLoaded('runs', () => get<RunSummary[]>('runs'));
  const pretrained = (runs.value ?? []).filter(
    ({ kind, step, state }) => kind === 'pretraining' && step > 0 && state !== 'broken',
  );
  const chosen = from || pretrained[0]?.id || 'scratch';
  const make = async (event: Event) => {
    event.preventDefault();
    const named = classes.split(',').map((one) => one.trim());
    const wish = { name: name.trim(), folder, classes: ['background', ...named.filter(Boolean)], from: chosen };
    await post<Project>('projects', wish)
      .then(onMade)
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
      <FolderPicker name="Folder of the images" what="folder" value={folder} onPick={setFolder} />
      <label class="field">
        Classes beside the background, with commas
        <input required value={classes} onInput={(event) => setClasses(event.currentTarget.value)} />
      </label>
      <label class="field">
        Training begins with
        <select value={chosen} onChange={(event) => setFrom(event.currentTarget.value)}>
          {pretrained.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
          <option value="scratch">a small network from scratch</option>
        </select>
      </label>
      {problem && <Notice kind="error">{problem}</Notice>}
      <button type="submit" class="main">
        Begin
      </button>
    </form>
  );
}
