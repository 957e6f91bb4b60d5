/** What can be done with one run: stop, resume, extend; its message, its last words, its pictures. */
import { useState } from 'preact/hooks';
import type { RunSummary } from '../../../shared/protocol';
import { address, get, messageOf, post } from '../../api';
import { useLoaded } from '../../hooks';
import { Notice } from '../../parts/notice';
import { Scroll } from '../../parts/scroll';

export function Actions({ run }: { run: RunSummary }) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [steps, setSteps] = useState(2 * run.steps);
  const act = async (path: string, content: object) => {
    setBusy(true);
    setProblem('');
    await post(path, { run: run.id, ...content }).catch((error: unknown) => setProblem(messageOf(error)));
    setBusy(false);
  };
  const going = run.state === 'running';
  return (
    <section class="panel" aria-label={`Run ${run.id}`}>
      <div class="row">
        {going && run.ours && (
          <button type="button" disabled={busy} onClick={() => act('jobs/stop', {})}>
            Stop, with a checkpoint
          </button>
        )}
        {(run.state === 'stopped' || run.state === 'failed') && run.step > 0 && (
          <button type="button" disabled={busy} onClick={() => act('jobs/resume', {})}>
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
            <button type="button" disabled={busy} onClick={() => act('jobs/extend', { steps })}>
              Extend
            </button>
          </>
        )}
        {going && !run.ours && <span class="quiet small">Started in a terminal: stop it there with Ctrl-C.</span>}
      </div>
      {run.message && <Notice kind={going ? 'info' : 'error'}>{run.message}</Notice>}
      {problem && <Notice kind="error">{problem}</Notice>}
      {run.ours && <Log run={run} />}
      <Pictures run={run} />
    </section>
  );
}

function Log({ run }: { run: RunSummary }) {
  const [open, setOpen] = useState(false);
  const key = open ? `${run.id} ${run.step} ${run.state}` : null;
  const { value } = useLoaded(key, () => get<{ log: string }>('runs/log', { run: run.id }));
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>What it printed</summary>
      <Scroll label="Output of the run">
        <pre class="log">{value?.log ?? ' '}</pre>
      </Scroll>
    </details>
  );
}

function Pictures({ run }: { run: RunSummary }) {
  const [open, setOpen] = useState(false);
  const { value } = useLoaded(open ? `${run.id} ${run.look?.step}` : null, () =>
    get<string[]>('runs/pictures', { run: run.id }),
  );
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Pictures of validation samples</summary>
      {value?.length === 0 && <p class="quiet">None yet.</p>}
      {value?.map((name) => (
        <figure key={name}>
          <img
            class="sample"
            src={address('runs/picture', { run: run.id, name, at: run.look?.step ?? 0 })}
            alt={`Sample ${name.replace('.png', '')}`}
          />
        </figure>
      ))}
    </details>
  );
}
