/** Room 2: a validation sample as a pretrained network sees it, level by level through the pyramid. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { tensor } from '../../../../core/tensor';
import type { SampleFacts } from '../../../answers/sample';
import { cut, type Slice } from '../../../drawing/slices';
import { useKept, useLoaded } from '../../hooks';
import { CountField } from '../../parts/count-field';
import { short } from '../../parts/format';
import { NetworkField, useNetworks } from '../../parts/network-field';
import { Notice } from '../../parts/notice';
import { grayCanvas, plain } from '../../parts/picture';
import { type Linked, middleOf, PlaceSliders, Planes, type PlanesProps } from '../../parts/planes';
import { Views } from '../../parts/view';
import { at } from '../../place/places';
import type { RoomProps } from '../../room';
import { drawArrows, errorCanvas, fieldCanvas, fieldOf, fullLength, warpedBytes, wheelCanvas } from './paint';

export function ViewsRoom(_: RoomProps) {
  const networks = useNetworks('views', ({ method }) => method === 'cover');
  const { runs, usable, run } = networks;
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
          <NetworkField {...networks} />
          <CountField
            title="Validation sample"
            value={index}
            least={0}
            most={Math.max(0, (sample?.facts.count ?? 1) - 1)}
            onValue={setIndex}
          />
          {!value && !error && <p class="quiet">The network looks at the sample …</p>}
          {value && (
            <p class="quiet">
              step {value.facts.step} · error {short(value.facts.error)} px, of a field of zeros{' '}
              {short(value.facts.zero)} px
            </p>
          )}
        </div>
      )}
      {error && <Notice kind="error">{error}</Notice>}
      {sample && !error && (
        <Sample key={sample.facts.shape.join()} facts={sample.facts} arrays={sample.arrays as Arrays} />
      )}
    </div>
  );
}

type SampleArray = 'moving' | 'fixed' | 'mask' | 'truth';
type Arrays = Readonly<Record<string, Uint8Array & Float32Array>>;

function Sample({ facts, arrays }: { facts: SampleFacts; arrays: Arrays }) {
  const { shape, spacing, levels } = facts;
  const [level, setLevel] = useState(levels - 1);
  const [share, setShare] = useState(1);
  const [arrows, setArrows] = useKept('views.arrows', true);
  const [views] = useState(() => new Views());
  const [place, onPlace] = useState<readonly number[]>(() => middleOf(shape));
  const linked: Linked = useMemo(() => ({ shape, spacing, place, onPlace }), [shape, spacing, place]);
  const at = Math.min(level, levels - 1);
  const { moving, fixed, mask, truth } = arrays as Required<Arrays> & Record<SampleArray, Uint8Array & Float32Array>;
  const flow = arrays[`flow${at}`]!;
  const full = useMemo(() => fullLength(truth, shape.length), [truth, shape]);
  const source = useMemo(() => tensor([1, ...shape], Float32Array.from(moving)), [moving, shape]);
  const gray = (bytes: Uint8Array) => (slice: Slice) => plain(grayCanvas(slice.width, slice.height, cut(bytes, slice)));
  const vectors = (field: Float32Array) => (slice: Slice) => {
    const own = fieldOf(field, slice);
    const canvas = fieldCanvas(own, full);
    return (context: CanvasRenderingContext2D, scale: number) => {
      context.drawImage(canvas, 0, 0);
      if (arrows) drawArrows(context, own, scale);
    };
  };
  const panels: readonly (readonly [title: string, paint: PlanesProps['paint'], ...version: unknown[]])[] = [
    ['moving', gray(moving), moving, 0],
    [
      `moving, ${Math.round(100 * share)} % of the way`,
      (slice) => plain(grayCanvas(slice.width, slice.height, warpedBytes(source, flow, slice, share))),
      ...[flow, share],
    ],
    ['fixed', gray(fixed), fixed, 0],
    ['true field', vectors(truth), truth, arrows],
    [
      at === levels - 1 ? 'predicted field' : `predicted after level ${at + 1} of ${levels}`,
      vectors(flow),
      flow,
      arrows,
    ],
    [`error, bright at ${short(full)} px`, (slice) => plain(errorCanvas(flow, truth, mask, slice, full)), ...[flow, 0]],
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
        <span class="row small quiet">
          <Wheel />
          <span>direction and length, full at {short(full)} px</span>
        </span>
      </div>
      <PlaceSliders linked={linked} />
      <div class={shape.length === 3 ? 'viewers solid' : 'viewers six'}>
        {panels.map(([title, paint, ...version], index) => (
          <Planes key={index} linked={linked} views={views} title={title} version={version} paint={paint} />
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
