/** Room 6: a pretraining from the page: the images, what doctor finds, the preset, what it will take. */
import { useState } from 'preact/hooks';
import { counted } from '../../../../core/counted';
import type { Findings, Forecast } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { useLoaded } from '../../hooks';
import { axesOf, usable } from '../../parts/axes';
import { CountField } from '../../parts/count-field';
import { gigabytes } from '../../parts/format';
import { firstFolder, Images } from '../../parts/images';
import { Notice } from '../../parts/notice';
import { addressOf, allRuns, at, samePlace, titleOf } from '../../place/places';
import type { RoomProps } from '../../room';
import { networks, viewsOf, waysOfVolumes } from './choices';
import { Estimate, hasRoom } from './estimate';
import { Report } from './report';

export function StartRoom(_: RoomProps) {
  const [folder, setFolder] = useState(firstFolder);
  const [name, setName] = useState('');
  const [preset, setPreset] = useState('default');
  const [network, setNetwork] = useState<string>('default');
  const [chosenWay, setWay] = useState<string>('whole');
  const [chosenSide, setSide] = useState(0);
  const [chosenBatch, setBatch] = useState(0);
  const [steps, setSteps] = useState(700);
  const [chosenFrom, setFrom] = useState('');
  const [more, setMore] = useState('');
  const [findings, setFindings] = useState<Findings | null>(null);
  const [estimate, setEstimate] = useState<{ of: string; forecast: Forecast } | null>(null);
  const [busy, setBusy] = useState('');
  const [problem, setProblem] = useState('');
  const runs = useLoaded('runs', allRuns);
  const { place, facts, name: path } = at(folder);
  const axes = useLoaded(`axes ${folder}`, () => axesOf(folder));
  const ofVolumes = axes.value?.length === 1 && axes.value[0] === 3;
  const way = ofVolumes ? chosenWay : 'whole';
  const bySlices = way !== 'whole';
  const nd = ofVolumes && !bySlices ? 3 : 2;
  const views = viewsOf[nd];
  const side = views.sides.find((one) => one === chosenSide) ?? views.side;
  const batch = chosenBatch || views.batch;
  // The other presets are of views of images.
  const ownViews = preset === 'default' || nd === 3;
  const backbones = (runs.value ?? []).filter(
    (run) => run.kind === 'pretraining' && usable(run, nd) && (run.nd ?? nd) === nd && samePlace(run.id, folder),
  );
  const from = backbones.some(({ id }) => id === chosenFrom) ? chosenFrom : '';
  const wish = () => ({
    folder: path,
    name: name.trim(),
    preset,
    steps,
    from: from === '' ? '' : at(from).name,
    settings: [
      ...(networks.find((one) => one.name === network)?.settings ?? []),
      ...(bySlices ? [`data.slices=${way}`] : []),
      ...(ownViews ? [`views.crop=[${Array(nd).fill(side).join()}]`, `batch.size=${batch}`] : []),
      ...more
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    ],
  });
  const attempt = async (what: string, act: () => Promise<void>) => {
    setProblem('');
    setBusy(what);
    await act().catch((error: unknown) => setProblem(messageOf(error)));
    setBusy('');
  };
  // An estimate holds for the settings that it was made for, whatever the run is called.
  const settings = JSON.stringify({ ...wish(), name: '', folder });
  const forecast = estimate?.of === settings ? estimate.forecast : null;
  const fits = forecast === null || hasRoom(forecast);
  return (
    <div class="room">
      <div class="room-head">
        <h1>Start a run</h1>
        <p class="quiet">
          {counted(facts.cores, 'core')}, {gigabytes(facts.freeMemory)} free.{' '}
          {facts.outlivesPage
            ? 'The run goes on when the page is closed.'
            : 'The run pauses when the page is closed, and can be resumed.'}
        </p>
      </div>
      {problem && <Notice kind="error">{problem}</Notice>}
      <div class="columns">
        <section class="panel" aria-label="Images">
          <h2>1. Images</h2>
          <Images
            value={folder}
            onPick={(address) => {
              setFolder(address);
              setFindings(null);
            }}
          />
          <button
            type="button"
            disabled={busy !== ''}
            onClick={() => attempt('doctor', async () => setFindings(await place.doctor(path)))}
          >
            {busy === 'doctor' ? 'Looking at every file …' : 'Look at every file'}
          </button>
          {findings && <Report findings={findings} />}
        </section>
        <div class="room">
          <section class="panel" aria-label="Training">
            <h2>2. Training</h2>
            <div class="row">
              <label class="field">
                Name of the run
                <input value={name} placeholder="xrays" onInput={(event) => setName(event.currentTarget.value)} />
              </label>
              <label class="field">
                Preset
                <select value={preset} onChange={(event) => setPreset(event.currentTarget.value)}>
                  {facts.presets.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
              <label class="field">
                Network
                <select value={network} onChange={(event) => setNetwork(event.currentTarget.value)}>
                  {networks.map((one) => (
                    <option key={one.name} value={one.name}>
                      {one.title}
                    </option>
                  ))}
                </select>
              </label>
            </div>
            {ofVolumes && (
              <label class="field">
                Volumes are seen
                <select value={way} onChange={(event) => setWay(event.currentTarget.value)}>
                  {waysOfVolumes.map((one) => (
                    <option key={one.name} value={one.name}>
                      {one.title}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <div class="row">
              <CountField title="Steps" value={steps} least={1} onValue={setSteps} />
              <label class="field">
                Views, {views.unit}
                <select
                  value={side}
                  disabled={!ownViews}
                  onChange={(event) => setSide(Number(event.currentTarget.value))}
                >
                  {views.sides.map((one) => (
                    <option key={one} value={one}>
                      {Array(nd).fill(one).join(' × ')}
                    </option>
                  ))}
                </select>
              </label>
              <CountField
                title={`${bySlices ? 'Slices' : views.what} in a batch`}
                value={batch}
                least={1}
                most={256}
                disabled={!ownViews}
                onValue={setBatch}
              />
              <label class="field">
                Begins with
                <select class="runs" value={from} onChange={(event) => setFrom(event.currentTarget.value)}>
                  <option value="">random weights</option>
                  {backbones.map(({ id }) => (
                    <option key={id} value={id}>
                      the weights of {titleOf(id)}
                    </option>
                  ))}
                </select>
              </label>
            </div>
            <label class="field">
              Further settings, one a line, as section.key=value
              <textarea
                rows={3}
                value={more}
                placeholder="views.degree=0.75"
                onInput={(event) => setMore(event.currentTarget.value)}
              />
            </label>
          </section>
          <section class="panel" aria-label="Forecast">
            <h2>3. What it takes</h2>
            <div class="row">
              <button
                type="button"
                disabled={busy !== ''}
                onClick={() =>
                  attempt('forecast', async () => {
                    const forecast = await place.forecast({ ...wish(), name: name.trim() || 'forecast' });
                    setEstimate({ of: settings, forecast });
                  })
                }
              >
                {busy === 'forecast' ? 'Estimating …' : 'Estimate'}
              </button>
              <button
                type="button"
                class="main"
                disabled={busy !== '' || name.trim() === '' || !fits}
                onClick={() =>
                  attempt('start', async () => {
                    const run = await place.pretrain(wish());
                    localStorage.setItem('cover.runs.chosen', JSON.stringify([addressOf(place, run)]));
                    location.hash = '#/runs';
                  })
                }
              >
                {busy === 'start' ? 'Starting …' : 'Start'}
              </button>
            </div>
            {forecast && <Estimate forecast={forecast} place={place} />}
          </section>
        </div>
      </div>
    </div>
  );
}
