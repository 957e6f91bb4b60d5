/** The desk of a project: its cases, the panes in which they are drawn in, the tools, and the training. */
import { useCallback, useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import { pretrainingOf } from '../../../answers/pretraining';
import type { Project, ProjectCase } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { useEvery, useKept, useLoaded } from '../../hooks';
import { Notice } from '../../parts/notice';
import { Views } from '../../parts/view';
import { addressOf, at, titleOf } from '../../place/places';
import { Cases, nextCase, type Proposal } from './cases';
import { Classes } from './classes';
import { Exchange } from './exchange';
import { Pane } from './pane';
import { Keys, useShortcuts } from './shortcuts';
import { Tools } from './toolbar';
import { type Desk, usualDesk } from './tools';
import { Train } from './train';
import { CaseWork, forgetUnsent, hasUnsent } from './work';

const layouts = ['one', 'two', 'four'] as const;
type Layout = (typeof layouts)[number];
/** Milliseconds after which a place that did not answer is asked again. */
const RETRY = 4000;
const PANES: Readonly<Record<Layout, number>> = { one: 1, two: 2, four: 4 };

/** @param address of the project */
export function DeskRoom({ address }: { address: string }) {
  const load = () => at(address).place.project(at(address).name);
  const { value, error, again } = useLoaded(`project ${address}`, async () => load());
  const [changed, setChanged] = useState<Project | null>(null);
  const project = changed ?? value;
  const refresh = useCallback(() => {
    at(address)
      .place.project(at(address).name)
      .then(setChanged)
      .catch(() => again());
  }, [address, again]);
  if (error) {
    return (
      <div class="room">
        <div class="room-head">
          <h1>{titleOf(address)}</h1>
          <p class="quiet">
            <a href="#/label">all projects</a>
          </p>
        </div>
        <Notice kind="error">{error}</Notice>
      </div>
    );
  }
  if (!project) return null;
  return <DeskOf address={address} project={project} onProject={setChanged} refresh={refresh} />;
}

interface DeskProps {
  readonly address: string;
  readonly project: Project;
  readonly onProject: (project: Project) => void;
  readonly refresh: () => void;
}

function DeskOf({ address, project, onProject, refresh }: DeskProps) {
  const { place, name } = at(address);
  const { classes, caseList } = project;
  const [desk, setDesk] = useState<Desk>(usualDesk);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [layout, setLayout] = useKept<Layout>('label.layout', 'one');
  const [first, setFirst] = useKept(`label.case.${address}`, caseList[0]?.id ?? '');
  const [active, setActive] = useState(0);
  const [problem, setProblem] = useState('');
  const views = useMemo(() => new Views(), []);
  const works = useMemo(() => new Map<string, CaseWork>(), []);
  const start = Math.max(
    0,
    caseList.findIndex(({ id }) => id === first),
  );
  const shown = caseList.slice(start, start + PANES[layout]);
  const workOf = ({ id, path }: ProjectCase): CaseWork => {
    let work = works.get(id);
    if (!work) {
      work = new CaseWork(address, id, addressOf(place, path));
      works.set(id, work);
      void work.load();
    }
    return work;
  };
  // What the place did not take is sent as soon as it answers, also of cases that nobody opens.
  useEffect(() => {
    for (const one of caseList.filter(({ id }) => hasUnsent(address, id))) {
      const left = workOf(one);
      const end = left.watch(() => {
        if (left.confirmed === null) return;
        end();
        refresh();
      });
    }
  }, []);
  useEvery(RETRY, true, () => {
    for (const one of works.values()) one.tryAgain();
  });
  // Another tab may have drawn meanwhile.
  useEffect(() => {
    const catchUp = () => {
      refresh();
      for (const one of works.values()) void one.catchUp().catch(() => {});
    };
    addEventListener('focus', catchUp);
    return () => removeEventListener('focus', catchUp);
  }, [works, refresh]);
  const current = shown[Math.min(active, shown.length - 1)];
  const work = current && workOf(current);
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(
    () =>
      work?.watch(() => {
        tick(0);
        if (work.confirmed !== null && work.confirmed !== current?.labelled) refresh();
      }),
    [work, current?.labelled, refresh],
  );

  const [proposal, setProposal] = useKept<Proposal>('label.proposal', 'uncertain');
  const labelled = caseList.filter((one) => one.labelled).map(({ id }) => id);
  const byFeatures = proposal === 'farthest' && networkOf(address, project) !== '';
  const distances = useLoaded(byFeatures ? `${address} ${project.from} ${labelled.join('|')}` : null, () =>
    place.distances(name),
  );
  const proposed = nextCase(caseList, { current: current?.id, distances: byFeatures ? distances.value : null });
  const open = (id: string) => {
    setFirst(id);
    setActive(0);
    setDesk((before) => ({ ...before, show: 'drawn' }));
  };
  const set = (part: Partial<Desk>) => setDesk((before) => ({ ...before, ...part }));
  const turn = (change: (before: Desk) => Partial<Desk>) => setDesk((before) => ({ ...before, ...change(before) }));
  const takeOver = () => {
    work?.takeOver();
    set({ show: 'drawn' });
  };
  const solid = current?.volume === true;
  const interpolate = () => {
    if (!solid) return;
    setProblem(
      work?.interpolate()
        ? ''
        : 'There is nothing to interpolate: draw a class in two slices of one plane, with empty slices between them.',
    );
    set({ show: 'drawn' });
  };
  useShortcuts({
    classes: classes.length,
    undo: () => work?.undo(),
    redo: () => work?.redo(),
    next: () => proposed && open(proposed.id),
    interpolate,
    turn,
  });
  const attempt = (act: () => Promise<unknown>) => {
    setProblem('');
    act()
      .then(refresh)
      .catch((error: unknown) => setProblem(messageOf(error)));
  };
  const reload = useCallback(() => {
    refresh();
    for (const one of works.values()) void one.loadPrediction().catch(() => {});
  }, [refresh, works]);

  return (
    <div class="room">
      <div class="room-head">
        <h1>{titleOf(address)}</h1>
        <p class="quiet">
          {project.labelled} of {project.cases} labelled · <a href="#/label">all projects</a>
        </p>
        <fieldset class="row bare" aria-label="Cases side by side">
          {layouts.map((one) => (
            <button type="button" key={one} aria-pressed={layout === one} onClick={() => setLayout(one)}>
              {PANES[one]}
              <span class="hidden-label"> side by side</span>
            </button>
          ))}
        </fieldset>
      </div>
      {problem && <Notice kind="error">{problem}</Notice>}
      <div class="desk">
        <section class="panel" aria-label="Cases">
          <div class="row spread">
            <h2>Cases</h2>
            <button type="button" class="plain" disabled={!proposed} onClick={() => proposed && open(proposed.id)}>
              Next <kbd>N</kbd>
            </button>
          </div>
          <label class="field">
            Next is
            <select value={proposal} onChange={(event) => setProposal(event.currentTarget.value as Proposal)}>
              <option value="uncertain">the most uncertain</option>
              <option value="farthest" disabled={networkOf(address, project) === ''}>
                the farthest in features
              </option>
            </select>
          </label>
          {distances.error && <Notice kind="error">{distances.error}</Notice>}
          <Cases
            project={project}
            current={current?.id}
            byFeatures={byFeatures}
            distances={distances.value}
            onOpen={open}
          />
          <Exchange
            address={address}
            project={project}
            current={current?.id}
            attempt={attempt}
            onImported={(id) => {
              forgetUnsent(address, id);
              works.delete(id);
              tick(0);
            }}
          />
        </section>
        <div class="room">
          <Tools desk={desk} set={set} solid={solid} />
          <div class={`panes ${layout}`}>
            {shown.map((one, index) => (
              <Pane
                key={one.id}
                work={workOf(one)}
                desk={desk}
                views={views}
                classes={classes}
                hidden={hidden}
                network={networkOf(address, project)}
                active={layout !== 'one' && one === current}
                onActive={() => setActive(index)}
              />
            ))}
          </div>
          {(work?.picture || work?.problem) && (
            <>
              <div class="row">
                <button type="button" disabled={!work?.history.canUndo} onClick={() => work?.undo()}>
                  Undo
                </button>
                <button type="button" disabled={!work?.history.canRedo} onClick={() => work?.redo()}>
                  Redo
                </button>
                <button type="button" disabled={!work?.prediction} onClick={takeOver}>
                  Take over the prediction
                </button>
                {solid && (
                  <button type="button" disabled={!work?.labels} onClick={interpolate}>
                    Interpolate between slices <kbd>I</kbd>
                  </button>
                )}
                {current && (
                  <label class="check">
                    <input
                      type="checkbox"
                      checked={current.held}
                      onChange={() => attempt(() => place.hold(name, current.id, !current.held))}
                    />
                    hold out, to measure on
                  </label>
                )}
                <button type="button" class="plain" onClick={() => views.reset()}>
                  Whole image
                </button>
              </div>
              <Keys solid={solid} />
            </>
          )}
        </div>
        <div class="room">
          <Classes
            classes={classes}
            desk={desk}
            set={set}
            hidden={hidden}
            setHidden={setHidden}
            onClasses={(names) => attempt(async () => onProject(await place.changeProject(name, { classes: names })))}
          />
          <Train address={address} project={project} onProject={onProject} onPredictions={reload} />
        </div>
      </div>
    </div>
  );
}

/** The network whose features a click grows by: the pretraining, not a training of the project. */
function networkOf(address: string, project: Project): string {
  const pretraining = pretrainingOf(project);
  return pretraining === null ? '' : addressOf(at(address).place, pretraining);
}
