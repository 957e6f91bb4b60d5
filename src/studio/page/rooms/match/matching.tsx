/** Where a place of the first image lies in the second, at the speed of the pointer. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { stridesOf } from '../../../../core/tensor';
import { inSlice } from '../../../drawing/alike';
import { bestPlace, featuresAt, type ImageFeatures, likeness, onGrid, onImage } from '../../../drawing/likeness';
import { pointAt, type Slice, type Spot } from '../../../drawing/slices';
import { useKept } from '../../hooks';
import { runColour } from '../../parts/colours';
import { Notice } from '../../parts/notice';
import { type Picture, paintPicture, plain } from '../../parts/picture';
import { type Layer, type Linked, middleOf, PlaceSliders, Planes } from '../../parts/planes';
import { Views, WHOLE } from '../../parts/view';
import { useColours } from './colours';
import { type Colours, colourCanvas, heatCanvas, heatRange, mark } from './paint';
import { numbers, type Pin, Pins } from './pins';
import { type PairProps, Registering } from './registering';

const MOST_POINTS = 12;
const levelTitles = ['1/16', '1/8', '1/4', '1/2', 'full'];

export interface Loaded {
  readonly pictures: readonly [Picture, Picture];
  readonly features: readonly [ImageFeatures, ImageFeatures];
}

export function Matching({ run, a, b, pictures, features }: PairProps & Loaded) {
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

function clamped(at: number, extent: number): number {
  return Math.min(extent - 1, Math.max(0, Math.round(at)));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
