/** Room 2: a validation sample as a pretrained network sees it, level by level through the pyramid. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SampleFacts } from '../../../answers/sample';
import { useKept, useLoaded } from '../../hooks';
import { short } from '../../parts/format';
import { Notice } from '../../parts/notice';
import { View } from '../../parts/view';
import { Viewer } from '../../parts/viewer';
import { allRuns, at, titleOf } from '../../place/places';
import type { RoomProps } from '../../room';
import {
  drawArrows,
  errorCanvas,
  type Field,
  fieldCanvas,
  fullLength,
  grayCanvas,
  warpedBytes,
  wheelCanvas,
} from './paint';

export function ViewsRoom(_: RoomProps) {
  const runs = useLoaded('runs', allRuns);
  const usable = (runs.value ?? []).filter(({ method, step }) => method === 'cover' && step > 0);
  const [chosen, setChosen] = useKept('views.run', '');
  const run = usable.some(({ id }) => id === chosen) ? chosen : (usable[0]?.id ?? '');
  const [index, setIndex] = useState(0);
  const { value, error } = useLoaded(run === '' ? null : `${run} ${index}`, () =>
    at(run).place.sample(at(run).name, index),
  );
  const kept = useRef(value);
  if (value) kept.current = value;
  const sample = value ?? kept.current;
  return (
    <div class="room">
      <div class="room-head">
        <h1>Views and vectors</h1>
        <p class="quiet">Two views of one image, and the displacement between them</p>
      </div>
      {runs.error && <Notice kind="error">{runs.error}</Notice>}
      {runs.value && usable.length === 0 && (
        <Notice>
          There is no pretraining by COVER with a checkpoint yet. <a href="#/start">Start one.</a>
        </Notice>
      )}
      {run !== '' && (
        <div class="row">
          <label class="field">
            Network
            <select value={run} onChange={(event) => setChosen(event.currentTarget.value)}>
              {usable.map(({ id }) => (
                <option key={id} value={id}>
                  {titleOf(id)}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Validation sample
            <input
              type="number"
              min="0"
              max={Math.max(0, (sample?.facts.count ?? 1) - 1)}
              value={index}
              onInput={(event) => setIndex(Math.max(0, Math.round(Number(event.currentTarget.value) || 0)))}
            />
          </label>
          {sample && (
            <p class="quiet">
              step {sample.facts.step} · error {short(sample.facts.error)} px, of a field of zeros{' '}
              {short(sample.facts.zero)} px
            </p>
          )}
        </div>
      )}
      {error && <Notice kind="error">{error}</Notice>}
      {sample && !error && <Sample facts={sample.facts} arrays={sample.arrays as Arrays} />}
    </div>
  );
}

type Arrays = Readonly<Record<string, Uint8Array & Float32Array>>;

function Sample({ facts, arrays }: { facts: SampleFacts; arrays: Arrays }) {
  const { width, height, levels } = facts;
  const [level, setLevel] = useState(levels - 1);
  const [share, setShare] = useState(1);
  const [arrows, setArrows] = useKept('views.arrows', true);
  const [view] = useState(() => new View());
  const at = Math.min(level, levels - 1);
  const truth: Field = useMemo(() => ({ width, height, data: arrays.truth! }), [arrays, width, height]);
  const flow: Field = useMemo(() => ({ width, height, data: arrays[`flow${at}`]! }), [arrays, at, width, height]);
  const full = useMemo(() => fullLength(truth), [truth]);
  const still = useMemo(
    () => ({
      moving: grayCanvas(width, height, arrays.moving!),
      fixed: grayCanvas(width, height, arrays.fixed!),
      truth: fieldCanvas(truth, full),
    }),
    [arrays, width, height, truth, full],
  );
  const shown = useMemo(
    () => ({ flow: fieldCanvas(flow, full), error: errorCanvas(flow, truth.data, arrays.mask!, full) }),
    [flow, truth, arrays, full],
  );
  const warped = useMemo(
    () => grayCanvas(width, height, warpedBytes(arrays.moving!, flow, share)),
    [arrays, flow, share, width, height],
  );
  const panels: readonly (readonly [title: string, canvas: HTMLCanvasElement, field?: Field])[] = [
    ['moving', still.moving],
    [`moving, ${Math.round(100 * share)} % of the way`, warped],
    ['fixed', still.fixed],
    ['true field', still.truth, truth],
    [at === levels - 1 ? 'predicted field' : `predicted after level ${at + 1} of ${levels}`, shown.flow, flow],
    [`error, bright at ${short(full)} px`, shown.error],
  ];
  return (
    <>
      <div class="row">
        <label class="check">
          From moving to fixed
          <input
            type="range"
            min="0"
            max="1"
            step="0.02"
            value={share}
            onInput={(event) => setShare(Number(event.currentTarget.value))}
          />
        </label>
        <label class="check">
          Levels of the pyramid
          <input
            type="range"
            min="1"
            max={levels}
            step="1"
            value={at + 1}
            onInput={(event) => setLevel(Number(event.currentTarget.value) - 1)}
          />
          <span>
            {at + 1} of {levels}
          </span>
        </label>
        <label class="check">
          <input type="checkbox" checked={arrows} onChange={() => setArrows(!arrows)} />
          arrows
        </label>
        <span class="check small quiet">
          <Wheel /> direction and length, full at {short(full)} px
        </span>
      </div>
      <div class="viewers six">
        {panels.map(([title, canvas, field], index) => (
          <Viewer
            key={index}
            width={width}
            height={height}
            view={view}
            label={title}
            version={[canvas, arrows]}
            draw={(context, scale) => {
              context.drawImage(canvas, 0, 0);
              if (field && arrows) drawArrows(context, field, scale);
            }}
          >
            <div class="caption">
              <span>{title}</span>
            </div>
          </Viewer>
        ))}
      </div>
    </>
  );
}

function Wheel() {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    place.current?.replaceChildren(wheelCanvas(28));
  }, []);
  return (
    <span
      class="wheel"
      ref={place}
      role="img"
      aria-label="Colour wheel: right is red, down green, left cyan, up violet"
    />
  );
}
