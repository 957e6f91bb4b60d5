/** What can be done with one run: stop, resume, extend, take out; its message, its last words, its pictures. */
import { useEffect, useState } from 'preact/hooks';
import type { RunSummary } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { useLoaded } from '../../hooks';
import { download } from '../../parts/download';
import { Notice } from '../../parts/notice';
import { Remove } from '../../parts/remove';
import { Scroll } from '../../parts/scroll';
import { copyRun } from '../../place/copy';
import { at, places, titleOf } from '../../place/places';

export function Actions({ run }: { run: RunSummary }) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [steps, setSteps] = useState(2 * run.steps);
  const { place, facts, name } = at(run.id);
  const act = async (action: () => Promise<void>) => {
    setBusy(true);
    setProblem('');
    await action().catch((error: unknown) => setProblem(messageOf(error)));
    setBusy(false);
  };
  const going = run.state === 'running';
  return (
    <section class="panel" aria-label={`Run ${titleOf(run.id)}`}>
      <div class="row">
        {going && run.ours && (
          <button type="button" disabled={busy} onClick={() => act(() => place.stop(name))}>
            Stop, with a checkpoint
          </button>
        )}
        {(run.state === 'stopped' || run.state === 'failed') && run.step > 0 && (
          <button type="button" disabled={busy} onClick={() => act(() => place.resume(name))}>
            Resume
          </button>
        )}
        {run.state === 'finished' && run.steps > 0 && (
          <>
            <label class="check small quiet">
              on to
              <input
                type="number"
                min={run.steps + 1}
                value={steps}
                aria-label="Steps in all"
                onInput={(event) => setSteps(Number(event.currentTarget.value))}
              />
              steps
            </label>
            <button type="button" disabled={busy} onClick={() => act(() => place.extend(name, steps))}>
              Extend
            </button>
          </>
        )}
        {going && !run.ours && (
          <span class="quiet small">
            {facts.ownsFiles
              ? 'Another tab of this browser trains it: stop it there.'
              : 'Started in a terminal: stop it there with Ctrl-C.'}
          </span>
        )}
        {!going && (run.step > 0 || facts.ownsFiles) && <Keep run={run} busy={busy} act={act} />}
      </div>
      {run.message && <Notice kind={going ? 'info' : 'error'}>{run.message}</Notice>}
      {problem && <Notice kind="error">{problem}</Notice>}
      {run.ours && facts.outlivesPage && <Log run={run} />}
      <Pictures run={run} />
    </section>
  );
}

interface KeepProps {
  readonly run: RunSummary;
  readonly busy: boolean;
  readonly act: (action: () => Promise<void>) => Promise<void>;
}

/** A run is saved as one file, or copied into the page; one that lies in this browser is removed there. */
function Keep({ run, busy, act }: KeepProps) {
  const [said, setSaid] = useState('');
  const { place, facts, name } = at(run.id);
  const save = async (ending: string, file: () => Promise<Uint8Array<ArrayBuffer>>) =>
    download(`${name.replaceAll('/', '-')}.${ending}`, await file());
  const copy = async () => {
    await copyRun(run.id, setSaid);
    setSaid('It lies in the page, too.');
  };
  const canCopy = !facts.ownsFiles && places().some((one) => one.facts.ownsFiles);
  return (
    <>
      {run.step > 0 && (
        <button type="button" disabled={busy} onClick={() => act(() => save('zip', () => place.exportRun(name)))}>
          Save as archive
        </button>
      )}
      {canCopy && (
        <button type="button" disabled={busy} onClick={() => act(copy)}>
          Copy into the page
        </button>
      )}
      {facts.ownsFiles && run.kind === 'fine-tuning' && run.step > 0 && (
        <button type="button" disabled={busy} onClick={() => act(() => save('onnx', () => place.exportOnnx(name)))}>
          Save as ONNX
        </button>
      )}
      {facts.ownsFiles && <Remove what={`the run ${name}`} act={() => place.removeRun(name)} />}
      {said && (
        <span class="small quiet" role="status">
          {said}
        </span>
      )}
    </>
  );
}

function Log({ run }: { run: RunSummary }) {
  const [open, setOpen] = useState(false);
  const key = open ? `${run.id} ${run.step} ${run.state}` : null;
  const { value } = useLoaded(key, () => at(run.id).place.log(at(run.id).name));
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What it printed</summary>
      <Scroll label="Output of the run">
        <pre class="log">{value ?? ' '}</pre>
      </Scroll>
    </details>
  );
}

function Pictures({ run }: { run: RunSummary }) {
  const [open, setOpen] = useState(false);
  const { value } = useLoaded(open ? `${run.id} ${run.look?.step}` : null, () =>
    at(run.id).place.pictures(at(run.id).name),
  );
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Pictures of validation samples</summary>
      {value?.length === 0 && <p class="quiet">None yet.</p>}
      {value?.map((name) => (
        <Sample key={`${name} ${run.look?.step}`} run={run.id} name={name} />
      ))}
    </details>
  );
}

function Sample({ run, name }: { run: string; name: string }) {
  const { value } = useLoaded(`${run} ${name}`, () => at(run).place.picture(at(run).name, name));
  const [source, setSource] = useState('');
  useEffect(() => {
    if (!value) return undefined;
    const url = URL.createObjectURL(new Blob([value], { type: 'image/png' }));
    setSource(url);
    return () => URL.revokeObjectURL(url);
  }, [value]);
  return <figure>{source && <img class="sample" src={source} alt={`Sample ${name.replace('.png', '')}`} />}</figure>;
}
