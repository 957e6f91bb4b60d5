/**
 * Training on what is labelled: from which network, how long; its curve, and the predictions that follow by themselves.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { doneText } from '../../../../core/duration';
import type { Project, RunSummary } from '../../../shared/protocol';
import { get, messageOf, post } from '../../api';
import { useEvery, useKept } from '../../hooks';
import { runColour } from '../../parts/colours';
import { duration } from '../../parts/format';
import { Notice } from '../../parts/notice';
import { trainingPlaces } from '../../training/place';
import { Chart } from '../runs/chart';
import { type Line, smoothed } from '../runs/lines';
import { useLiveRuns } from '../runs/news';

interface Predicting {
  readonly project: string;
  readonly run: string;
  readonly done: number;
  readonly total: number;
  readonly error: string;
}

export interface TrainProps {
  readonly project: Project;
  readonly onProject: (project: Project) => void;
  /** Predictions are there, or became more. */
  readonly onPredictions: () => void;
}

/** A small network, for trainings without a pretraining: the default one takes minutes on two cores. */
const SMALL = ['model.channels=[8,16,32,64,64,64,32,16,8]', 'data.size=[128,128]', 'optimizer.rate=3e-3'];

export function Train({ project, onProject, onPredictions }: TrainProps) {
  const [steps, setSteps] = useKept(`label.steps.${project.name}`, 150);
  const [placeName, setPlaceName] = useKept('label.place', trainingPlaces[0]!.name);
  const place = trainingPlaces.find(({ name }) => name === placeName) ?? trainingPlaces[0]!;
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [predicting, setPredicting] = useState<Predicting | null>(null);
  const newest = project.runs[0];
  const shown = useMemo(() => (newest ? [newest] : []), [newest]);
  const { runs, curves } = useLiveRuns(shown);
  const run = runs?.find(({ id }) => id === newest);
  const going = busy || run?.state === 'running';
  const attempt = async (act: () => Promise<unknown>) => {
    setProblem('');
    setBusy(true);
    await act().catch((error: unknown) => setProblem(messageOf(error)));
    setBusy(false);
  };

  // A training that has ended is followed by its predictions, once; also where the page was closed meanwhile.
  const asked = useRef('');
  const predicted = useRef(false);
  useEffect(() => {
    get<{ run: string }>('projects/predicted', { project: project.name })
      .then(({ run: known }) => {
        if (known !== '') asked.current = known;
      })
      .catch(() => {})
      .finally(() => {
        predicted.current = true;
      });
  }, [project.name]);
  useEffect(() => {
    if (!run || !predicted.current || asked.current === run.id) return;
    if ((run.state !== 'finished' && run.state !== 'stopped') || run.step === 0) return;
    asked.current = run.id;
    place.predict(project.name, run.id).catch((error: unknown) => setProblem(messageOf(error)));
  }, [run, project.name, place]);
  useEvery(700, true, () => {
    get<Predicting | null>('projects/progress')
      .then((found) => {
        const own = found?.project === project.name ? found : null;
        setPredicting((before) => {
          if (own && own.done !== before?.done) onPredictions();
          return own;
        });
      })
      .catch(() => {});
  });

  const change = (content: object) =>
    attempt(async () => onProject(await post<Project>('projects/change', { project: project.name, ...content })));
  const start = () =>
    attempt(async () => {
      const id = await place.start({
        project: project.name,
        steps,
        settings: [
          ...(project.from === 'scratch' ? SMALL : []),
          'batch.size=2',
          'schedule.warmup=10',
          `run.validateEvery=${Math.max(1, Math.round(steps / 6))}`,
          `run.checkpointEvery=${Math.max(1, Math.round(steps / 3))}`,
        ],
      });
      onProject({ ...project, runs: [id, ...project.runs] });
    });
  const lines = useMemo(() => linesOf(curves.get(newest ?? '')?.series ?? {}), [curves, newest]);
  const backbones = (runs ?? []).filter((one) => usable(one, project.runs));
  const held = project.caseList.filter((one) => one.held && one.labelled).length;
  const left = run?.state === 'running' && run.secondsPerStep ? run.secondsPerStep * (run.steps - run.step) : null;
  return (
    <section class="panel" aria-label="Training">
      <h2>Training</h2>
      <label class="field">
        Begins with
        <select value={project.from} disabled={going} onChange={(event) => change({ from: event.currentTarget.value })}>
          <option value="scratch">a small network from scratch</option>
          {project.from !== 'scratch' && !backbones.some(({ id }) => id === project.from) && (
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
        <label class="field">
          Steps
          <input
            type="number"
            min="1"
            max="100000"
            value={steps}
            disabled={going}
            onInput={(event) => setSteps(Math.max(1, Math.round(Number(event.currentTarget.value) || 1)))}
          />
        </label>
        <label class="field">
          Where
          <select value={place.name} onChange={(event) => setPlaceName(event.currentTarget.value)}>
            {trainingPlaces.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <label class="check small">
        <input
          type="checkbox"
          checked={project.restIsBackground}
          onChange={() => change({ restIsBackground: !project.restIsBackground })}
        />
        what nobody painted is {project.classes[0]}
      </label>
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
            <button type="button" onClick={() => attempt(() => place.stop(run.id))}>
              Stop
            </button>
          </div>
        </>
      ) : (
        <button type="button" class="main" disabled={going || project.labelled - held < 1} onClick={start}>
          Train
        </button>
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
          All {predicting.total} cases predicted by {predicting.run}
        </p>
      )}
      {lines.length > 0 && <Chart title={held > 0 ? 'Loss and Dice' : 'Loss'} lines={lines} />}
    </section>
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

/** A pretraining with a checkpoint, or an earlier training of the project. */
function usable({ id, kind, state, step }: RunSummary, own: readonly string[]): boolean {
  if (state === 'broken' || step === 0) return false;
  return kind === 'pretraining' || own.includes(id);
}
