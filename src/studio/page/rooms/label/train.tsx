/**
 * Training on what is labelled: from which network, how long; its curve, and the predictions that follow by themselves.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { doneText } from '../../../../core/duration';
import { pretrainingOf, SCRATCH } from '../../../answers/pretraining';
import type { ProjectChange } from '../../../answers/project';
import type { PredictionProgress, Project } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { useEvery, useKept } from '../../hooks';
import { usable } from '../../parts/axes';
import { runColour } from '../../parts/colours';
import { CountField } from '../../parts/count-field';
import { duration } from '../../parts/format';
import { Notice } from '../../parts/notice';
import { copyProject } from '../../place/copy';
import { addressOf, at, places, samePlace, titleOf } from '../../place/places';
import { Chart } from '../runs/chart';
import { type Line, smoothed } from '../runs/lines';
import { useLiveRuns } from '../runs/news';

export interface TrainProps {
  /** Of the project. */
  readonly address: string;
  readonly project: Project;
  readonly onProject: (project: Project) => void;
  /** Predictions are there, or became more. */
  readonly onPredictions: () => void;
}

/** A small network, for trainings without a pretraining: the default one takes minutes on two cores. */
const SMALL = ['model.channels=[8,16,32,64,64,64,32,16,8]', 'optimizer.rate=3e-3'];

export function Train({ address, project, onProject, onPredictions }: TrainProps) {
  const { place, facts, name } = at(address);
  const [steps, setSteps] = useKept(`label.steps.${address}`, 150);
  const solid = project.caseList.some(({ volume }) => volume);
  const [withTransferred, setWithTransferred] = useState(false);
  const [moving, setMoving] = useState(false);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [predicting, setPredicting] = useState<PredictionProgress | null>(null);
  const newest = project.runs[0] === undefined ? undefined : addressOf(place, project.runs[0]);
  const shown = useMemo(() => (newest ? [newest] : []), [newest]);
  const { runs, curves } = useLiveRuns(shown);
  const run = runs?.find(({ id }) => id === newest);
  const going = busy || run?.state === 'running';
  // A fine-tuning whose patience ended is finished with fewer steps than its schedule has.
  const unfinished = run !== undefined && (run.state === 'stopped' || run.state === 'failed') && run.step < run.steps;
  const attempt = async (act: () => Promise<unknown>) => {
    setProblem('');
    setBusy(true);
    await act().catch((error: unknown) => setProblem(messageOf(error)));
    setBusy(false);
  };

  // A training that has ended is followed by its predictions, once; also where the page was closed meanwhile. One that
  // was cut off waits for what is decided.
  const asked = useRef<string | null>(null);
  const seenGoing = useRef('');
  useEffect(() => {
    Promise.all([place.predictedBy(name), place.progress()])
      .then(([done, going]) => {
        const known = done ?? (going?.project === name && !going.error ? going : null);
        asked.current = known === null ? '' : `${addressOf(place, known.run)} ${known.step}`;
      })
      .catch((error: unknown) => setProblem(messageOf(error)));
  }, [place, name]);
  useEffect(() => {
    if (run?.state === 'running') seenGoing.current = run.id;
    if (!run || asked.current === null || asked.current === `${run.id} ${run.step}` || run.step === 0) return;
    if (run.state !== 'finished' && !(run.state === 'stopped' && seenGoing.current === run.id)) return;
    asked.current = `${run.id} ${run.step}`;
    place
      .predict(name, { run: at(run.id).name, step: run.step, atlas: false })
      .catch((error: unknown) => setProblem(messageOf(error)));
  }, [run, name, place]);
  useEvery(700, true, () => {
    place
      .progress()
      .then((found) => {
        const own = found?.project === name ? found : null;
        setPredicting((before) => {
          if (own && own.done !== before?.done) onPredictions();
          return own;
        });
      })
      .catch(() => {});
  });

  const change = (content: ProjectChange) => attempt(async () => onProject(await place.changeProject(name, content)));
  const start = () =>
    attempt(async () => {
      const id = await place.train(name, {
        steps,
        transferred: withTransferred && project.transferred > 0,
        settings: [
          ...(project.from === SCRATCH ? SMALL : []),
          ...(project.from === SCRATCH && !solid ? ['data.size=[128,128]'] : []),
          'batch.size=2',
          'schedule.warmup=10',
          `run.validateEvery=${Math.max(1, Math.round(steps / 6))}`,
          `run.checkpointEvery=${Math.max(1, Math.round(steps / 3))}`,
        ],
      });
      onProject({ ...project, runs: [id, ...project.runs] });
    });
  const transfer = () =>
    attempt(() => place.predict(name, { run: project.runs[0] ?? '', step: run?.step ?? 0, atlas: true }));
  const lines = useMemo(() => linesOf(curves.get(newest ?? '')?.series ?? {}), [curves, newest]);
  const backbones = (runs ?? [])
    .filter(({ id }) => samePlace(id, address))
    .map((one) => ({ ...one, id: at(one.id).name }))
    .filter((one) => usable(one, solid ? 3 : 2, project.runs));
  const pretraining = pretrainingOf(project);
  const pretrained = backbones.some(({ id }) => id === pretraining);
  const held = project.caseList.filter((one) => one.held && one.labelled).length;
  const ready = !going && !moving && project.labelled > held;
  const left = run?.state === 'running' && run.secondsPerStep ? run.secondsPerStep * (run.steps - run.step) : null;
  return (
    <section class="panel" aria-label="Training">
      <h2>Training</h2>
      <label class="field">
        Begins with
        <select value={project.from} disabled={going} onChange={(event) => change({ from: event.currentTarget.value })}>
          <option value={SCRATCH}>a small network from scratch</option>
          {project.from !== SCRATCH && !backbones.some(({ id }) => id === project.from) && (
            <option value={project.from}>{project.from}</option>
          )}
          {backbones.map(({ id, kind }) => (
            <option key={id} value={id}>
              {kind === 'fine-tuning' ? `train on from ${id}` : id}
            </option>
          ))}
        </select>
      </label>
      <div class="row">
        <CountField title="Steps" value={steps} least={1} most={100_000} disabled={going} onValue={setSteps} />
        <label class="field">
          Where
          <select
            value={moving ? 'page' : place.name}
            disabled={going}
            onChange={(event) => setMoving(event.currentTarget.value !== place.name)}
          >
            {places()
              .filter((one) => one.place === place || one.facts.ownsFiles)
              .map((one) => (
                <option key={one.place.name} value={one.place.name}>
                  {one.place.title}
                </option>
              ))}
          </select>
        </label>
      </div>
      {moving && <Move address={address} />}
      <label class="check small">
        <input
          type="checkbox"
          checked={project.restIsBackground}
          onChange={() => change({ restIsBackground: !project.restIsBackground })}
        />
        what nobody painted is {project.classes[0]}
      </label>
      {project.transferred > 0 && (
        <label class="check small">
          <input type="checkbox" checked={withTransferred} onChange={() => setWithTransferred(!withTransferred)} />
          train on the {project.transferred} transferred labels, too
        </label>
      )}
      <p class="small quiet">
        {project.labelled - held} labelled to train on
        {held > 0 ? `, ${held} held out to measure on` : '; hold some out to measure Dice on them'}
      </p>
      {run?.state === 'running' ? (
        <>
          <progress max={Math.max(1, run.steps)} value={run.step} aria-label="Progress of the training" />
          <div class="row spread">
            <span class="small" role="status">
              step {run.step} of {run.steps || steps}
              {left === null ? '' : `, ${duration(left)} left, done ${doneText(left)}`}
            </span>
            <button type="button" onClick={() => attempt(() => place.stop(at(run.id).name))}>
              Stop
            </button>
          </div>
        </>
      ) : (
        <div class="row">
          <button type="button" class="main" disabled={!ready} onClick={start}>
            Train
          </button>
          {pretraining !== null && (
            <button type="button" disabled={!ready || !pretrained} onClick={transfer}>
              Transfer labels
            </button>
          )}
          {run && unfinished && (
            <button type="button" disabled={going} onClick={() => attempt(() => place.resume(at(run.id).name))}>
              Resume at step {run.step} of {run.steps}
            </button>
          )}
        </div>
      )}
      {pretraining !== null && (
        <p class="small quiet">
          Transfer labels gives every place of the other cases the class of the most similar places that are drawn, by
          the features of the pretrained network, without a training.
        </p>
      )}
      {!facts.outlivesPage && run?.state === 'running' && (
        <p class="small quiet">It pauses when the page is closed, and can be resumed.</p>
      )}
      {problem && <Notice kind="error">{problem}</Notice>}
      {run && (run.state === 'failed' || run.state === 'broken') && <Notice kind="error">{run.message}</Notice>}
      {predicting && predicting.done < predicting.total && !predicting.error && (
        <>
          <progress max={predicting.total} value={predicting.done} aria-label="Progress of the predictions" />
          <p class="small quiet">
            {predicting.done} of {predicting.total} cases predicted
          </p>
        </>
      )}
      {predicting?.error && <Notice kind="error">{predicting.error}</Notice>}
      {predicting && predicting.total > 0 && predicting.done === predicting.total && (
        <p class="small" role="status">
          {predicting.atlas
            ? `Labels transferred to all ${predicting.total} cases by ${titleOf(addressOf(place, predicting.atlas))}`
            : `All ${predicting.total} cases predicted by ${titleOf(addressOf(place, predicting.run))}`}
        </p>
      )}
      {lines.length > 0 && <Chart title={held > 0 ? 'Loss and Dice' : 'Loss'} lines={lines} />}
    </section>
  );
}

/** A project of this computer goes on in the page as a copy: its images, labels and network are taken along. */
function Move({ address }: { address: string }) {
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState('');
  const [older, setOlder] = useState('');
  const copy = async () => {
    setProblem('');
    setOlder('');
    try {
      const { address: copied, missing, wasThere } = await copyProject(address, setSaid);
      if (wasThere) setOlder(copied);
      else if (missing.length === 0) location.hash = `#/label/${encodeURIComponent(copied)}`;
      else setProblem(`Copied, but for some cases. ${missing.join('. ')}.`);
    } catch (error) {
      setProblem(messageOf(error));
    }
    setSaid('');
  };
  return (
    <div class="room-tight">
      <p class="small quiet">
        Training in the page takes a copy of this project into this browser: images or volumes, labels, network. It goes
        on there.
      </p>
      <button type="button" disabled={said !== ''} onClick={copy}>
        Copy it into the page
      </button>
      {said && <p role="status">{said}</p>}
      {problem && <Notice kind="error">{problem}</Notice>}
      {older && (
        <Notice>
          The page has a project of this name, which stays as it is, without what was drawn here since.{' '}
          <a href={`#/label/${encodeURIComponent(older)}`}>Open it</a>, or remove it there to copy this one anew.
        </Notice>
      )}
    </div>
  );
}

function linesOf(series: Readonly<Record<string, { steps: readonly number[]; values: readonly number[] }>>): Line[] {
  const [loss, score] = [series['train.loss'], series['validation.score']];
  const plain = { dashed: false, points: false };
  return [
    ...(loss ? [{ ...plain, label: 'loss', colour: runColour(0), series: smoothed(loss, 0.8) }] : []),
    ...(score ? [{ ...plain, label: 'Dice, held out', colour: runColour(1), points: true, series: score }] : []),
  ];
}
