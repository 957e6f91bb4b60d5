/** The room that leads through the playground, a step below the other; what belongs to the studio is the studio's. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLoaded } from '../../../studio/page/hooks';
import { Notice } from '../../../studio/page/parts/notice';
import { addressOf, at } from '../../../studio/page/place/places';
import type { RoomProps } from '../../../studio/page/room';
import { Train } from '../../../studio/page/rooms/label/train';
import { useLiveRuns } from '../../../studio/page/rooms/runs/news';
import type { Project } from '../../../studio/shared/protocol';
import { Compare } from './compare';
import { Draw } from './draw';
import { type Kept, keepPlayground } from './keep';
import { FEW, Label } from './label';
import { FOLDER, PROJECT, RUN } from './phantoms';
import { Pretrain } from './pretrain';
import { TakeOut } from './take-out';

/** Asked for once, when the page is opened. */
const keeping = keepPlayground();

/** The page is the only place of work here. */
const IN_PAGE = 'page:';
const SHOWN = [`${IN_PAGE}${RUN}`];

export function PlaygroundRoom(_: RoomProps) {
  const missing = missingHere();
  return missing ? (
    <div class="room">
      <h1>Playground</h1>
      <Notice kind="error">{missing}</Notice>
    </div>
  ) : (
    <Steps />
  );
}

/** Why this page cannot keep what it makes; empty where it can. */
function missingHere(): string {
  if (!isSecureContext) {
    return `Browsers keep data only for pages that come by https or from localhost, and this one came from ${location.origin}. Open it by https.`;
  }
  const writes = typeof FileSystemFileHandle === 'function' && 'createWritable' in FileSystemFileHandle.prototype;
  return writes ? '' : 'This browser gives pages no files to write to. Take a newer one.';
}

function Steps() {
  const { place } = at(IN_PAGE);
  const images = useLoaded(FOLDER, () => place.folder(FOLDER));
  const { runs, curves, problem } = useLiveRuns(SHOWN);
  const known = useLoaded(PROJECT, async () => {
    const projects = await place.projects();
    return projects.some(({ name }) => name === PROJECT) ? place.project(PROJECT) : null;
  });
  const [changed, setChanged] = useState<Project | null>(null);
  const project = changed ?? known.value;
  const refresh = () => {
    place.project(PROJECT).then(setChanged).catch(known.again);
  };
  const run = runs?.find(({ id }) => id === addressOf(place, RUN));
  const count = images.value ? images.value.entries.length + images.value.more : 0;
  const pretrained = run?.state === 'finished' || (run?.state === 'stopped' && run.step > 0);
  const trained = project?.runs[0] ?? '';
  const predicted = (project?.caseList ?? []).some(({ uncertainty }) => uncertainty !== null);
  return (
    <div class="room">
      <div class="room-head">
        <h1>Playground</h1>
        <p class="quiet">Pretrain, label three, have the rest: all of it computed in this page, without a server.</p>
      </div>
      <KeptNote />
      {[images.error, problem, known.error].filter(Boolean).map((text) => (
        <Notice kind="error" key={text}>
          {text}
        </Notice>
      ))}
      <ol class="steps">
        <Step title="Draw phantoms" done={count > 0}>
          <Draw
            place={place}
            count={count}
            onDrawn={() => {
              images.again();
              if (project) refresh();
            }}
          />
        </Step>
        <Step title="Pretrain without labels" done={run?.state === 'finished'}>
          <Pretrain place={place} ready={count > 0} run={run} curves={curves} />
        </Step>
        <Step title="Label three" done={(project?.labelled ?? 0) >= FEW}>
          <Label place={place} ready={count > 0} pretrained={pretrained} project={project} onProject={refresh} />
        </Step>
        <Step title="Train on them, and have the rest" done={predicted}>
          {project ? (
            <Train
              address={addressOf(place, PROJECT)}
              project={project}
              onProject={setChanged}
              onPredictions={refresh}
            />
          ) : (
            <p class="quiet">It begins with the pretrained network; all phantoms are segmented when it ends.</p>
          )}
        </Step>
        <Step title="Compare with the truth" done={predicted}>
          <Compare place={place} project={project} />
        </Step>
        <Step title="Take it out" done={false}>
          <TakeOut place={place} pretrained={pretrained} trained={trained} />
        </Step>
      </ol>
      <p class="quiet">
        The other rooms show more of it: <a href="#/views">what the network sees</a>,{' '}
        <a href="#/match">where a pixel of one phantom lies in another</a>, <a href="#/runs">all curves</a>. What stands
        behind it: <a href="../index.html">the documentation</a>.
      </p>
    </div>
  );
}

function Step({ title, done, children }: { title: string; done: boolean; children: ComponentChildren }) {
  return (
    <li class="panel">
      <div class="row">
        <h2>{title}</h2>
        {done && <span class="state finished">done</span>}
      </div>
      {children}
    </li>
  );
}

const notes: Readonly<Record<Kept, string>> = {
  keeping: 'This page is being kept in the browser, so that it works without a network …',
  kept: 'This page is kept in the browser: it works without a network.',
  'not kept': 'This page could not be kept in the browser: it works as long as its host answers.',
};

function KeptNote() {
  const [kept, setKept] = useState<Kept>('keeping');
  useEffect(() => {
    keeping.then((whole) => setKept(whole ? 'kept' : 'not kept'));
  }, []);
  const threads = kept === 'kept' && !crossOriginIsolated && navigator.hardwareConcurrency > 1;
  return (
    <p class="small quiet" role="status" data-kept={kept}>
      {notes[kept]} {threads ? 'Loaded again, it may use several threads.' : ''}
    </p>
  );
}
