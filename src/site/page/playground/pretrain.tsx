/** Step 2: a pretraining on the phantoms, with its curves. */
import { useState } from 'preact/hooks';
import { messageOf } from '../../../studio/page/api';
import { CountField } from '../../../studio/page/parts/count-field';
import { duration, short } from '../../../studio/page/parts/format';
import { Notice } from '../../../studio/page/parts/notice';
import type { Place } from '../../../studio/page/place/place';
import { addressOf } from '../../../studio/page/place/places';
import { Charts } from '../../../studio/page/rooms/runs/charts';
import type { Curves } from '../../../studio/page/rooms/runs/news';
import type { RunSummary } from '../../../studio/shared/protocol';
import { FOLDER, RUN } from './phantoms';

/** As `cover demo` has them, two images at a time. */
const settings = (steps: number) => [
  'data.validationImages=8',
  'views.crop=[64,64]',
  'views.degree=0.75',
  `views.curriculum.steps=${Math.max(1, Math.round(0.4 * steps))}`,
  'model.channels=[8,16,32,64,64,64,32,16,8]',
  'batch.size=2',
  'optimizer.rate=1e-3',
  `schedule.warmup=${Math.min(10, steps - 1)}`,
  `run.validateEvery=${Math.max(Math.min(steps, 10), Math.round(steps / 10))}`,
  `run.checkpointEvery=${Math.max(Math.min(steps, 10), Math.round(steps / 3))}`,
];

const SHOWN = ['Parts of the loss', 'Endpoint error, px or voxels'];

export interface PretrainProps {
  readonly place: Place;
  readonly ready: boolean;
  readonly run: RunSummary | undefined;
  readonly curves: Curves;
}

export function Pretrain({ place, ready, run, curves }: PretrainProps) {
  const [steps, setSteps] = useState(300);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const attempt = async (act: () => Promise<unknown>) => {
    setProblem('');
    setBusy(true);
    await act().catch((error: unknown) => setProblem(messageOf(error)));
    setBusy(false);
  };
  const begin = async () => {
    // A run that never made a step has nothing to go on from.
    if (run) await place.removeRun(RUN);
    await place.pretrain({ folder: FOLDER, name: RUN, preset: 'default', steps, from: '', settings: settings(steps) });
  };
  const going = run?.state === 'running';
  const left = going && run.secondsPerStep ? run.secondsPerStep * (run.steps - run.step) : null;
  const unfinished = run && !going && run.step > 0 && run.step < run.steps;
  const series = curves.get(addressOf(place, RUN))?.series;
  return (
    <>
      <p class="quiet">
        The network sees two distorted views of one phantom and learns, without any label, to tell for every pixel where
        it went. The endpoint error is by how many pixels it is wrong; the field of zeros is what no knowledge gives.
      </p>
      {going ? (
        <>
          <progress max={Math.max(1, run.steps)} value={run.step} aria-label="Progress of the pretraining" />
          <div class="row spread">
            <span class="small" role="status">
              {run.step === 0 ? 'getting ready' : `step ${run.step} of ${run.steps}`}
              {left === null ? '' : `, ${duration(left)} left`}
            </span>
            <button type="button" disabled={busy} onClick={() => attempt(() => place.stop(RUN))}>
              Stop
            </button>
          </div>
        </>
      ) : (
        <div class="row">
          {unfinished && (
            <button type="button" class="main" disabled={busy} onClick={() => attempt(() => place.resume(RUN))}>
              Go on at step {run.step} of {run.steps}
            </button>
          )}
          {(!run || run.step === 0) && (
            <>
              <CountField title="Steps" value={steps} least={2} most={100_000} disabled={busy} onValue={setSteps} />
              <button type="button" class="main" disabled={!ready || busy} onClick={() => attempt(begin)}>
                Pretrain
              </button>
            </>
          )}
          <Outcome run={run} zero={series?.['validation.zeroEndpointError']?.values.at(-1)} />
        </div>
      )}
      {problem && <Notice kind="error">{problem}</Notice>}
      {run && (run.state === 'failed' || run.state === 'broken') && <Notice kind="error">{run.message}</Notice>}
      {series && Object.keys(series).length > 0 && (
        <Charts shown={[addressOf(place, RUN)]} curves={curves} smoothing={0.8} only={SHOWN} />
      )}
    </>
  );
}

function Outcome({ run, zero }: { run: RunSummary | undefined; zero: number | undefined }) {
  if (run?.state !== 'finished' || !run.look || zero === undefined) return null;
  return (
    <p>
      After {run.step} steps the endpoint error on phantoms that were held out is {short(run.look.value)} px, where the
      field of zeros has {short(zero)} px.
    </p>
  );
}
