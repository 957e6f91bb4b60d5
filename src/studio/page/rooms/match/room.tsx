/**
 * Room 3: two images; where a place of the first lies in the second, at the speed of the pointer; one laid over the
 * other.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { stridesOf } from '../../../../core/tensor';
import { viridis } from '../../../../report/colour';
import { inSlice } from '../../../drawing/alike';
import { bestPlace, featuresAt, type ImageFeatures, likeness, onGrid, onImage } from '../../../drawing/likeness';
import { cut, pointAt, type Slice, type Spot, spotOf } from '../../../drawing/slices';
import type { FrameArray } from '../../../shared/frame';
import { messageOf } from '../../api';
import { useKept, useLoaded } from '../../hooks';
import { runColour } from '../../parts/colours';
import { FolderPicker } from '../../parts/folder-picker';
import { short } from '../../parts/format';
import { NetworkField, useNetworks } from '../../parts/network-field';
import { NoFolder } from '../../parts/no-folder';
import { Notice } from '../../parts/notice';
import { grayCanvas, loadPicture, type Picture, painted, paintPicture, plain } from '../../parts/picture';
import { type Layer, type Linked, middleOf, PlaceSliders, Planes } from '../../parts/planes';
import { Views, WHOLE } from '../../parts/view';
import { at, keepingPlace, titleOf } from '../../place/places';
import type { RoomProps } from '../../room';
import { loadFeatures } from '../label/features';
import { drawArrows, fieldOf } from '../views/paint';

const MOST_POINTS = 12;
const levelTitles = ['1/16', '1/8', '1/4', '1/2', 'full'];

export function MatchRoom(_: RoomProps) {
  const networks = useNetworks('match', ({ kind }) => kind === 'pretraining');
  const { runs, usable, run } = networks;
  const [keptA, setA] = useKept('match.a', '');
  const [keptB, setB] = useKept('match.b', '');
  // A network looks at the images of its own place.
  const [a, b] = [keptA, keptB].map((one) => keepingPlace(one, run)) as [string, string];
  const own = run === '' ? null : at(run);
  return (
    <div class="room">
      <div class="room-head">
        <h1>Match</h1>
        <p class="quiet">Where a place of one image lies in another</p>
      </div>
      {own && !own.facts.images && <NoFolder />}
      {runs.value && usable.length === 0 && (
        <Notice>
          There is no pretraining with a checkpoint yet. <a href="#/start">Start one.</a>
        </Notice>
      )}
      {own?.facts.images && (
        <>
          <details class="panel" open={a === '' || b === ''}>
            <summary>
              {titleOf(run)}: {a ? titleOf(a) : 'choose the first image'} and {b ? titleOf(b) : 'the second'}
            </summary>
            <div class="viewers">
              <NetworkField {...networks} />
              <FolderPicker
                key={`${own.place.name} a`}
                place={own.place}
                name="First image"
                what="image"
                value={a}
                onPick={setA}
              />
              <FolderPicker
                key={`${own.place.name} b`}
                place={own.place}
                name="Second image"
                what="image"
                value={b}
                onPick={setB}
              />
            </div>
          </details>
          {a !== '' && b !== '' && <Pair key={`${run} ${a} ${b}`} run={run} a={a} b={b} />}
        </>
      )}
    </div>
  );
}

interface PairProps {
  readonly run: string;
  readonly a: string;
  readonly b: string;
}

interface Loaded {
  readonly pictures: readonly [Picture, Picture];
  readonly features: readonly [ImageFeatures, ImageFeatures];
}

function Pair({ run, a, b }: PairProps) {
  const { value, error } = useLoaded(`${run} ${a} ${b}`, async (): Promise<Loaded> => {
    const [pa, pb] = await Promise.all([loadPicture(a), loadPicture(b)]);
    return { pictures: [pa, pb], features: [await loadFeatures(run, a), await loadFeatures(run, b)] };
  });
  if (error) return <Notice kind="error">{error}</Notice>;
  if (!value) return <p class="quiet">The network looks at both images …</p>;
  return <Matching run={run} a={a} b={b} {...value} />;
}

/** Places in pixels, an index on each axis. */
interface Pin {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly similarity: number;
}

function Matching({ run, a, b, pictures, features }: PairProps & Loaded) {
  const [first, second] = pictures;
  const [ofA, ofB] = features;
  const [wanted, setWanted] = useKept<readonly number[]>('match.levels', [0, 1, 2, 3, 4]);
  const [shows, setShows] = useState<'map' | 'image' | 'colours'>('map');
  const [hover, setHover] = useState<readonly number[] | null>(null);
  const [pins, setPins] = useState<readonly Pin[]>([]);
  const [views] = useState(() => new Views());
  const [placeA, setPlaceA] = useState<readonly number[]>(() => middleOf(first.shape));
  const [placeB, setPlaceB] = useState<readonly number[]>(() => middleOf(second.shape));
  const took = useRef(0);
  const found = useMemo(() => {
    if (!hover) return null;
    const started = performance.now();
    const map = likeness(ofB, featuresAt(ofA, onGrid(ofA, hover)), wanted);
    const best = bestPlace(map, ofB.grid);
    took.current = performance.now() - started;
    const similarity = map[stridesOf(ofB.grid).reduce((at, stride, axis) => at + stride * best[axis]!, 0)]!;
    return { map, pin: { from: hover, to: onImage(ofB, best), similarity } };
  }, [hover, ofA, ofB, wanted]);
  const range = useMemo(() => found && heatRange(found.map), [found]);
  const colours = useColours(run, a, b, shows === 'colours');
  // The planes of the second volume go through the best match.
  useEffect(() => {
    if (found) setPlaceB(found.pin.to.map((at, axis) => clamped(at, second.shape[axis]!)));
  }, [found, second]);
  const linkedA: Linked = { ...first, place: placeA, onPlace: setPlaceA };
  const linkedB: Linked = { ...second, place: placeB, onPlace: setPlaceB };
  const move = (slice: Slice, { x, y }: Spot) => {
    const inside = x >= 0 && y >= 0 && x < slice.width && y < slice.height;
    setHover(inside ? pointAt(slice, { x, y }) : null);
  };
  const pin = () => {
    if (!found) return;
    setPins([...pins, found.pin].slice(-MOST_POINTS));
    setPlaceA(found.pin.from.map((at, axis) => clamped(at, first.shape[axis]!)));
  };
  const marks = (side: 'from' | 'to'): Layer => ({
    version: [found, pins],
    paint: (slice) => (context, scale) => {
      for (const [index, one] of pins.entries()) mark(context, scale, slice, one[side], runColour(index));
      if (found) mark(context, scale, slice, found.pin[side], '#ffffff');
    },
  });
  const heat: Layer = {
    version: [found, shows],
    opacity: 0.6,
    paint: (slice) =>
      found && shows === 'map' ? plain(heatCanvas(inSlice(ofB, found.map, slice), slice, range!)) : null,
  };
  const coloured = (features: ImageFeatures, value: Colours | undefined): Layer => ({
    version: [value, shows],
    opacity: 0.75,
    paint: (slice) => (value && shows === 'colours' ? plain(colourCanvas(value, features, slice)) : null),
  });
  const toggle = (level: number) => {
    const next = wanted.includes(level) ? wanted.filter((one) => one !== level) : [...wanted, level].sort();
    if (next.length > 0) setWanted(next);
  };
  return (
    <>
      <div class="row">
        <fieldset class="row picker" aria-label="Levels">
          <span class="quiet">Levels</span>
          {levelTitles.map((title, level) => (
            <label class="check" key={title}>
              <input type="checkbox" checked={wanted.includes(level)} onChange={() => toggle(level)} />
              {title}
            </label>
          ))}
        </fieldset>
        <label class="check">
          Show
          <select value={shows} onChange={(event) => setShows(event.currentTarget.value as typeof shows)}>
            <option value="map">similarity</option>
            <option value="image">images alone</option>
            <option value="colours">features as colours</option>
          </select>
        </label>
        {pins.length > 0 && (
          <button type="button" class="plain" onClick={() => setPins([])}>
            Take the points away
          </button>
        )}
      </div>
      {colours.error && <Notice kind="error">{colours.error}</Notice>}
      <div class={first.shape.length === 3 ? 'viewers solid' : 'viewers wide'}>
        <Planes
          linked={linkedA}
          views={views}
          title={nameOf(a)}
          version={[first]}
          paint={(slice) => plain(paintPicture(first, slice, WHOLE))}
          over={[coloured(ofA, colours.value?.[0]), marks('from')]}
          viewer={(slice) => ({
            label: `First image${slice.name && `, ${slice.name}`}: the pointer, or the cross-hair by the arrows, asks where this place lies in the second. Space keeps a point.`,
            onMove: (at) => move(slice, at),
            onDown: (at) => move(slice, at),
            onUp: pin,
            onLeave: () => setHover(null),
          })}
        />
        <Planes
          linked={linkedB}
          views={views}
          title={nameOf(b)}
          version={[second]}
          caption={
            <span data-took={took.current.toFixed(1)}>
              {found ? `${numbers(found.pin.to)}: cosine ${found.pin.similarity.toFixed(3)}` : ''}
            </span>
          }
          paint={(slice) => plain(paintPicture(second, slice, WHOLE))}
          over={[coloured(ofB, colours.value?.[1]), heat, marks('to')]}
          viewer={(slice) => ({
            label: `Second image${slice.name && `, ${slice.name}`}: how alike each place is, and the best match`,
          })}
        />
      </div>
      <PlaceSliders linked={linkedA} />
      {pins.length > 0 && <Pins pins={pins} />}
      <Registering run={run} a={a} b={b} />
    </>
  );
}

function Pins({ pins }: { pins: readonly Pin[] }) {
  const solid = pins[0]!.from.length === 3;
  const axes = solid ? 'x y z' : 'x y';
  return (
    <section class="panel" aria-label="Points">
      <table>
        <thead>
          <tr>
            <th scope="col">Point</th>
            <th scope="col" class="number">
              first, {axes}
            </th>
            <th scope="col" class="number">
              second, {axes}
            </th>
            <th scope="col" class="number">
              displacement, {solid ? 'voxels' : 'px'}
            </th>
            <th scope="col" class="number">
              cosine
            </th>
          </tr>
        </thead>
        <tbody>
          {pins.map(({ from, to, similarity }, index) => (
            <tr key={from.join()}>
              <th scope="row">
                <span class="dot" style={{ background: runColour(index) }} /> {index + 1}
              </th>
              <td class="number">{numbers(from)}</td>
              <td class="number">{numbers(to)}</td>
              <td class="number">{Math.hypot(...to.map((at, axis) => at - from[axis]!)).toFixed(1)}</td>
              <td class="number">{similarity.toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The first image laid over the second by the field that the network predicts. */
function Registering({ run, a, b }: PairProps) {
  const [asked, setAsked] = useState(false);
  const [blend, setBlend] = useState(0.5);
  const [arrows, setArrows] = useState(false);
  const [views] = useState(() => new Views());
  const [place, onPlace] = useState<readonly number[] | null>(null);
  const { value, error } = useLoaded(asked ? `${run} ${a} ${b}` : null, () =>
    at(run).place.registration(at(run).name, at(a).name, at(b).name),
  );
  const linked: Linked | null = value && { ...value.facts, place: place ?? middleOf(value.facts.shape), onPlace };
  const measures = value?.facts.measures;
  const gray = (name: string) => (slice: Slice) =>
    plain(grayCanvas(slice.width, slice.height, cut(value!.arrays[name] as Uint8Array, slice)));
  const field: Layer = {
    version: [value, arrows],
    paint: (slice) => {
      if (!arrows) return null;
      const own = fieldOf(value!.arrays.field as Float32Array, slice);
      return (context, scale) => drawArrows(context, own, scale, '#ffb454');
    },
  };
  return (
    <section class="panel" aria-label="Registration">
      <div class="row">
        <h2>Registration</h2>
        {!value && (
          <button type="button" disabled={asked && !error} onClick={() => setAsked(true)}>
            Lay the first over the second
          </button>
        )}
        {value && (
          <>
            <label class="check">
              second
              <input
                type="range"
                min="0"
                max="1"
                step="0.02"
                value={blend}
                aria-label="Blend from the second image to the first"
                onInput={(event) => setBlend(Number(event.currentTarget.value))}
              />
              first
            </label>
            <label class="check">
              <input type="checkbox" checked={arrows} onChange={() => setArrows(!arrows)} />
              arrows
            </label>
          </>
        )}
      </div>
      {error && <Notice kind="error">{error}</Notice>}
      {linked && measures && value && (
        <>
          <p class="quiet">
            mean displacement {short(measures.meanDisplacement)} {linked.shape.length === 3 ? 'mm' : 'px'} · folded{' '}
            {(100 * measures.foldedShare).toFixed(2)} % · correlation {correlation(measures.similarityBefore)} before,{' '}
            {correlation(measures.similarityAfter)} after
          </p>
          <PlaceSliders linked={linked} />
          <div class={linked.shape.length === 3 ? 'viewers solid' : 'viewers wide'}>
            {(['moving', 'warped'] as const).map((over) => (
              <Planes
                key={over}
                linked={linked}
                views={views}
                title={over === 'moving' ? 'before' : 'after'}
                version={[value]}
                paint={gray('fixed')}
                over={[{ version: [value], paint: gray(over), opacity: blend }, ...(over === 'warped' ? [field] : [])]}
                viewer={(slice) => ({
                  label: `Both images ${over === 'moving' ? 'before' : 'after'} registration${slice.name && `, ${slice.name}`}`,
                })}
              />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

function correlation(similarity: { readonly correlation: number | null } | null): string {
  return similarity?.correlation?.toFixed(3) ?? 'not defined';
}

/** Red, green and blue of an image on the grid of its features. */
type Colours = readonly Float32Array[];

function useColours(run: string, a: string, b: string, wanted: boolean) {
  const [state, setState] = useState<{ value: readonly Colours[] | null; error: string }>({ value: null, error: '' });
  useEffect(() => {
    if (!wanted || state.value) return;
    at(run)
      .place.colours(at(run).name, at(a).name, at(b).name)
      .then(({ arrays }) => setState({ value: [apart(arrays.a!), apart(arrays.b!)], error: '' }))
      .catch((error: unknown) => setState({ value: null, error: messageOf(error) }));
  }, [wanted, run, a, b, state.value]);
  return state;
}

/** @param colours `[P, 3]` */
function apart(colours: FrameArray): Colours {
  return [0, 1, 2].map((part) =>
    Float32Array.from({ length: colours.length / 3 }, (_, pixel) => colours[3 * pixel + part]!),
  );
}

function colourCanvas(colours: Colours, features: ImageFeatures, slice: Slice): HTMLCanvasElement {
  return painted(slice.width, slice.height, (data) => {
    for (const [part, map] of colours.entries()) {
      inSlice(features, map, slice).forEach((value, pixel) => {
        data[4 * pixel + part] = value;
        data[4 * pixel + 3] = 255;
      });
    }
  });
}

/** From the middle of what similarities there are to the best one. */
function heatRange(map: Float32Array): readonly [number, number] {
  const sorted = map.slice().sort();
  return [sorted[sorted.length >> 1]!, sorted.at(-1)!];
}

/** The similarities of a plane: what is below the range stays dark. */
function heatCanvas(map: Float32Array, slice: Slice, [low, high]: readonly [number, number]): HTMLCanvasElement {
  return painted(slice.width, slice.height, (data) => {
    for (let pixel = 0; pixel < map.length; pixel++) {
      const share = Math.max(0, (map[pixel]! - low) / Math.max(1e-9, high - low));
      data.set(viridis(share), 4 * pixel);
      data[4 * pixel + 3] = 255;
    }
  });
}

/** A place as a ring; faint where it lies in another plane. */
function mark(
  context: CanvasRenderingContext2D,
  scale: number,
  slice: Slice,
  place: readonly number[],
  colour: string,
): void {
  const { x, y } = spotOf(slice, place);
  const { across } = slice;
  context.globalAlpha = across && Math.abs(place[across.axis]! - across.index) >= 1 ? 0.25 : 1;
  // Pixels that are no squares do not make it an oval.
  const { a: right, d: down } = context.getTransform();
  for (const [width, stroke] of [
    [4, '#000000'],
    [2, colour],
  ] as const) {
    context.lineWidth = width / scale;
    context.strokeStyle = stroke;
    context.beginPath();
    context.ellipse(x, y, 7 / right, 7 / down, 0, 0, 2 * Math.PI);
    context.stroke();
  }
  context.globalAlpha = 1;
}

function clamped(at: number, extent: number): number {
  return Math.min(extent - 1, Math.max(0, Math.round(at)));
}

/** A place as one says it, x first. */
function numbers(place: readonly number[]): string {
  return place
    .toReversed()
    .map((at) => Math.max(0, at).toFixed(0))
    .join(', ');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
