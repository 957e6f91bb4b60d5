/** Room 1: all runs, and the curves of those that are chosen, as they are written. */
import { useMemo, useState } from 'preact/hooks';
import { doneText } from '../../../../core/duration';
import type { RunSummary } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { useKept } from '../../hooks';
import { runColour } from '../../parts/colours';
import { ago, duration, short } from '../../parts/format';
import { Notice } from '../../parts/notice';
import { at, places, titleOf } from '../../place/places';
import type { RoomProps } from '../../room';
import { Actions } from './actions';
import { Charts } from './charts';
import { useLiveRuns } from './news';
import { Settings } from './settings';

/** Runs on one chart, at most: as many as there are colours. */
const MOST = 8;

export function RunsRoom(_: RoomProps) {
  const [chosen, setChosen] = useKept<readonly string[]>('runs.chosen', []);
  const [smoothing, setSmoothing] = useKept('runs.smoothing', 0.8);
  const [filter, setFilter] = useState('');
  const { runs, curves, ready, problem } = useLiveRuns(chosen);
  const known = useMemo(() => sorted(runs ?? []), [runs]);
  const shown = useMemo(
    () => chosen.filter((id) => runs === null || runs.some((run) => run.id === id)),
    [chosen, runs],
  );
  const listed = known.filter(({ id, method }) => `${id} ${method}`.toLowerCase().includes(filter.toLowerCase()));
  const toggle = (id: string) =>
    setChosen(shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id].slice(-MOST));
  return (
    <div class="room">
      <div class="room-head">
        <h1>Runs</h1>
        <p class="quiet">{runs ? places().map(countAt(runs)).join(' · ') : ' '}</p>
      </div>
      {problem && <Notice kind="error">{problem}</Notice>}
      <div class="columns">
        <section class="panel" aria-label="All runs">
          <input
            type="search"
            placeholder="Filter by name or method"
            aria-label="Filter runs"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
          {runs?.length === 0 && (
            <Notice>
              There is no run yet. <a href="#/start">Start one</a>.
            </Notice>
          )}
          {places().some(({ facts }) => facts.ownsFiles) && <ImportRun />}
          <div class="run-list">
            {listed.map((run) => (
              <RunItem
                key={run.id}
                run={run}
                colour={shown.includes(run.id) ? runColour(shown.indexOf(run.id)) : ''}
                onToggle={() => toggle(run.id)}
              />
            ))}
          </div>
        </section>
        <div class="room">
          {!runs || !ready ? null : shown.length === 0 ? (
            <section class="panel">
              <h2>Choose runs to see their curves</h2>
              <p class="quiet">Up to {MOST} share the charts. New points appear as they are written.</p>
            </section>
          ) : (
            <>
              <div class="row">
                <label class="check quiet">
                  Smoothing
                  <input
                    type="range"
                    min="0"
                    max="0.98"
                    step="0.02"
                    value={smoothing}
                    onInput={(event) => setSmoothing(Number(event.currentTarget.value))}
                  />
                  <span>{smoothing.toFixed(2)}</span>
                </label>
                <button type="button" class="plain" onClick={() => setChosen([])}>
                  Choose none
                </button>
              </div>
              <Charts shown={shown} curves={curves} smoothing={smoothing} />
              {known
                .filter(({ id }) => shown.includes(id))
                .filter((run) => shown.length === 1 || run.message)
                .map((run) => (
                  <Actions key={run.id} run={run} />
                ))}
              <Settings shown={shown} />
            </>
          )}
        </div>
      </div>
    </div>
  );
}

/** A run that was saved as an archive, here or by another studio, goes on in the page. */
function ImportRun() {
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState('');
  const bring = async (files: readonly File[]) => {
    setProblem('');
    setSaid('');
    const own = places().find(({ facts }) => facts.ownsFiles);
    try {
      for (const file of files) {
        const name = file.name.replace(/\.zip$/i, '');
        await own?.place.importRun(name, new Uint8Array(await file.arrayBuffer()));
        setSaid(`${name} lies in this browser now`);
      }
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <details>
      <summary>Bring in a run</summary>
      <label class="field">
        Archive of a run
        <input
          type="file"
          accept=".zip,application/zip"
          multiple
          onChange={(event) => {
            void bring([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = '';
          }}
        />
      </label>
      {said && <Notice>{said}</Notice>}
      {problem && <Notice kind="error">{problem}</Notice>}
    </details>
  );
}

interface ItemProps {
  readonly run: RunSummary;
  readonly colour: string;
  readonly onToggle: () => void;
}

function RunItem({ run, colour, onToggle }: ItemProps) {
  const { id, state, step, steps, look, method, secondsPerStep, changed, message } = run;
  const left = state === 'running' && secondsPerStep && steps > step ? secondsPerStep * (steps - step) : null;
  const facts = [
    method || run.kind,
    steps > 0 ? `step ${step} of ${steps}` : `step ${step}`,
    look ? `${look.name} ${short(look.value)}` : '',
    left === null ? ago(changed) : `${duration(left)} left, done ${doneText(left)}`,
  ];
  return (
    <label class="run-item">
      <input type="checkbox" checked={colour !== ''} onChange={onToggle} style={{ accentColor: colour || undefined }} />
      <span class="name">{titleOf(id)}</span>
      <span class={`state ${state}`}>{state}</span>
      <span class="facts">
        {facts.filter(Boolean).join(' · ')}
        {message && <span class="message"> · {message.split('\n')[0]}</span>}
      </span>
      {state === 'running' && steps > 0 && (
        <progress class="facts" max={steps} value={step} aria-label={`Progress of ${titleOf(id)}`} />
      )}
    </label>
  );
}

/** How many runs a place has. */
function countAt(runs: readonly RunSummary[]) {
  return ({ place, facts }: ReturnType<typeof places>[number]) =>
    `${runs.filter(({ id }) => at(id).place === place).length} in ${facts.runs}`;
}

/** What goes on first, then the newest. */
function sorted(runs: readonly RunSummary[]): RunSummary[] {
  return runs.toSorted(
    (a, b) => Number(b.state === 'running') - Number(a.state === 'running') || b.changed - a.changed,
  );
}
