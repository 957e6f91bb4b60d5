/** The desk of a project: its cases, the panes in which they are drawn in, the tools, and the training. */
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { stemOf } from '../../../../data/file-names';
import { pretrainingOf } from '../../../answers/pretraining';
import type { Project, ProjectCase, VolumeMask } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { useKept, useLoaded } from '../../hooks';
import { classColour, cssColour } from '../../parts/colours';
import { download } from '../../parts/download';
import { Notice, told } from '../../parts/notice';
import { Views } from '../../parts/view';
import { addressOf, at, titleOf } from '../../place/places';
import { Pane } from './pane';
import { type Desk, shownLayers, shownPlanes, shownTitles, toolFacts, tools, usualDesk } from './tools';
import { Train } from './train';
import { CaseWork, forgetUnsent } from './work';

const layouts = ['one', 'two', 'four'] as const;
type Layout = (typeof layouts)[number];
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
  if (error) return <Notice kind="error">{error}</Notice>;
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
  /** Keys come faster than the page is drawn: each goes on from what the one before it set. */
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
  const key = (event: KeyboardEvent) => {
    if (event.altKey || (event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)))
      return;
    const typed = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    if (typed === 'z' && event.shiftKey) work?.redo();
    else if (typed === 'z') work?.undo();
    else if (typed === 'y') work?.redo();
    else if (command) return;
    else if (typed === '[') turn(({ radius }) => ({ radius: Math.max(0.5, radius / 1.25) }));
    else if (typed === ']') turn(({ radius }) => ({ radius: Math.min(200, radius * 1.25) }));
    else if (typed === 'n' && proposed) open(proposed.id);
    else if (typed === 'i') interpolate();
    else if (typed === 'h') turn(({ show }) => ({ show: show === 'nothing' ? 'drawn' : 'nothing' }));
    else if (typed === 'x') turn(({ show }) => ({ show: show === 'prediction' ? 'drawn' : 'prediction' }));
    else if (/^\d$/.test(typed) && Number(typed) < classes.length) set({ label: Number(typed) });
    else {
      const tool = tools.find((one) => toolFacts[one].key === typed);
      if (!tool) return;
      set({ tool });
    }
    event.preventDefault();
  };
  const keys = useRef(key);
  keys.current = key;
  useEffect(() => {
    const typed = (event: KeyboardEvent) => keys.current(event);
    addEventListener('keydown', typed);
    return () => removeEventListener('keydown', typed);
  }, []);
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
          <section class="panel" aria-label="Classes">
            <h2>Classes</h2>
            <Classes classes={classes} desk={desk} set={set} hidden={hidden} setHidden={setHidden} />
            <label class="field">
              Show
              <select value={desk.show} onChange={(event) => set({ show: event.currentTarget.value as Desk['show'] })}>
                {shownLayers.map((one) => (
                  <option key={one} value={one}>
                    {shownTitles[one]}
                  </option>
                ))}
              </select>
            </label>
            <label class="field">
              Opacity
              <input
                type="range"
                min="0.1"
                max="1"
                step="0.05"
                value={desk.opacity}
                onInput={(event) => set({ opacity: Number(event.currentTarget.value) })}
              />
            </label>
          </section>
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

type Proposal = 'uncertain' | 'farthest';
type Distances = Readonly<Record<string, number>>;

interface NextOptions {
  readonly current: string | undefined;
  /** Of every case from the labelled ones; null where the prediction says which is next. */
  readonly distances: Distances | null;
}

/**
 * The case that is worth most to label next: the one that is least like those that are labelled, or the most uncertain
 * one; before a training the next that is not labelled.
 */
export function nextCase(cases: readonly ProjectCase[], { current, distances }: NextOptions): ProjectCase | undefined {
  const open = cases.filter(({ labelled, id }) => !labelled && id !== current);
  const worth = ({ id, uncertainty }: ProjectCase) => (distances ? (distances[id] ?? null) : uncertainty);
  const known = open.filter((one) => worth(one) !== null);
  if (known.length === 0) return open[0];
  return known.reduce((most, one) => (worth(one)! > worth(most)! ? one : most));
}

interface CasesProps {
  readonly project: Project;
  readonly current: string | undefined;
  /** Whether distances are shown; they may still be on their way. */
  readonly byFeatures: boolean;
  readonly distances: Distances | null;
  readonly onOpen: (id: string) => void;
}

function Cases({ project, current, byFeatures, distances, onOpen }: CasesProps) {
  return (
    <div class="case-list">
      {project.caseList.map(({ id, labelled, held, uncertainty, dice }) => (
        <button type="button" key={id} aria-current={id === current ? 'true' : undefined} onClick={() => onOpen(id)}>
          <span>{id}</span>
          <span class="small">{labelled ? (held ? 'held out' : 'labelled') : ''}</span>
          {(uncertainty !== null || dice !== null || byFeatures) && (
            <span class="small quiet whole">
              {[
                uncertainty === null ? '' : `uncertain ${(100 * uncertainty).toFixed(1)} %`,
                dice === null ? '' : `Dice ${dice.toFixed(2)}`,
                !byFeatures || labelled ? '' : `distance ${distances ? (distances[id] ?? 0).toFixed(2) : '····'}`,
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

interface ToolsProps {
  readonly desk: Desk;
  readonly set: (part: Partial<Desk>) => void;
  /** Whether a volume is on the desk. */
  readonly solid: boolean;
}

function Tools({ desk, set, solid }: ToolsProps) {
  const sized = desk.tool === 'brush' || desk.tool === 'erase';
  return (
    <div>
      <div class="tools" role="toolbar" aria-label="Tools">
        {tools.map((tool) => (
          <button type="button" key={tool} aria-pressed={desk.tool === tool} onClick={() => set({ tool })}>
            {toolFacts[tool].title} <kbd>{toolFacts[tool].key.toUpperCase()}</kbd>
          </button>
        ))}
        <label class="check small">
          size
          <input
            type="range"
            min="0.5"
            max="60"
            step="0.5"
            value={desk.radius}
            disabled={!sized}
            onInput={(event) => set({ radius: Number(event.currentTarget.value) })}
          />
        </label>
        <label class="check small">
          <input type="checkbox" checked={desk.keepPainted} onChange={() => set({ keepPainted: !desk.keepPainted })} />
          keep what is painted
        </label>
        {solid && (
          <label class="check small">
            planes
            <select
              value={desk.planes}
              onChange={(event) => set({ planes: event.currentTarget.value as Desk['planes'] })}
            >
              {shownPlanes.map((one) => (
                <option key={one} value={one}>
                  {one === 'three' ? 'all three' : `${one} alone`}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p class="small quiet help">{toolFacts[desk.tool].help}</p>
    </div>
  );
}

interface ClassesProps {
  readonly classes: readonly string[];
  readonly desk: Desk;
  readonly set: (part: Partial<Desk>) => void;
  readonly hidden: ReadonlySet<number>;
  readonly setHidden: (hidden: ReadonlySet<number>) => void;
}

function Classes({ classes, desk, set, hidden, setHidden }: ClassesProps) {
  const toggle = (label: number) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    setHidden(next);
  };
  return (
    <div class="class-list" role="radiogroup" aria-label="Class to paint">
      {classes.map((name, label) => (
        <div class="row spread" key={name}>
          <label>
            <input type="radio" name="class" checked={desk.label === label} onChange={() => set({ label })} />
            <span class="swatch" style={{ background: cssColour(classColour(label)) }} />
            {name} <kbd>{label}</kbd>
          </label>
          <button type="button" class="plain small" aria-pressed={hidden.has(label)} onClick={() => toggle(label)}>
            {hidden.has(label) ? 'hidden' : 'hide'}
            <span class="hidden-label"> {name}</span>
          </button>
        </div>
      ))}
    </div>
  );
}

interface ExchangeProps {
  readonly address: string;
  readonly project: Project;
  readonly current: string | undefined;
  readonly attempt: (act: () => Promise<unknown>) => void;
  /** The map of a case is another one now: what the page has of it is old. */
  readonly onImported: (id: string) => void;
}

/** Masks come in as files named as their images, and go out into a folder of the project. */
function Exchange({ address, project, current, attempt, onImported }: ExchangeProps) {
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

function Keys({ solid }: { solid: boolean }) {
  const all = [
    ['1 … 9', 'class'],
    ['[ ]', 'size'],
    ['Z, ⇧Z', 'undo, redo'],
    ['X', 'prediction'],
    ['H', 'image alone'],
    ['N', 'next case'],
    ['+ − 0', 'zoom'],
    ...(solid
      ? [
          ['I', 'interpolate'],
          ['Page ↑ ↓', 'slices'],
        ]
      : []),
  ];
  return (
    <p class="keys small quiet">
      {all.map(([key, what]) => (
        <span key={key}>
          <kbd>{key}</kbd> {what}
        </span>
      ))}
      <span>
        {solid ? 'wheel goes through slices, with Ctrl it zooms, Ctrl-click moves the planes' : 'wheel zooms'},
        Shift-drag moves, right-drag sets window and level
      </span>
    </p>
  );
}
