/**
 * Room 3: two images; where a place of the first lies in the second, at the speed of the pointer; one laid over the
 * other.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { viridis } from '../../../../report/colour';
import { bestPlace, featuresAt, type ImageFeatures, likeness } from '../../../drawing/likeness';
import { messageOf } from '../../api';
import { useKept, useLoaded } from '../../hooks';
import { runColour } from '../../parts/colours';
import { FolderPicker } from '../../parts/folder-picker';
import { short } from '../../parts/format';
import { NoFolder } from '../../parts/no-folder';
import { Notice } from '../../parts/notice';
import { loadPicture, type Picture, painted, paintPicture } from '../../parts/picture';
import { View, WHOLE } from '../../parts/view';
import { type Place, Viewer } from '../../parts/viewer';
import { allRuns, at, isInPage, titleOf } from '../../place/places';
import type { RoomProps } from '../../room';
import { loadFeatures } from '../label/features';
import { drawArrows, type Field, grayCanvas } from '../views/paint';

const MOST_POINTS = 12;
const levelTitles = ['1/16', '1/8', '1/4', '1/2', 'full'];

export function MatchRoom(_: RoomProps) {
  const runs = useLoaded('runs', allRuns);
  const usable = (runs.value ?? []).filter(({ kind, step }) => kind === 'pretraining' && step > 0);
  const [chosen, setChosen] = useKept('match.run', '');
  const run = usable.some(({ id }) => id === chosen) ? chosen : (usable[0]?.id ?? '');
  const [keptA, setA] = useKept('match.a', '');
  const [keptB, setB] = useKept('match.b', '');
  // A network looks at the images of its own place.
  const [a, b] = [keptA, keptB].map((one) => (isInPage(one) === isInPage(run) ? one : '')) as [string, string];
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

interface Pin {
  readonly from: Place;
  readonly to: Place;
  readonly similarity: number;
}

function Matching({ run, a, b, pictures, features }: PairProps & Loaded) {
  const [first, second] = pictures;
  const [wanted, setWanted] = useKept<readonly number[]>('match.levels', [0, 1, 2, 3, 4]);
  const [shows, setShows] = useState<'map' | 'image' | 'colours'>('map');
  const [hover, setHover] = useState<Place | null>(null);
  const [pins, setPins] = useState<readonly Pin[]>([]);
  const [view] = useState(() => new View());
  const took = useRef(0);
  const images = useMemo(() => pictures.map((picture) => paintPicture(picture, WHOLE)), [pictures]);
  const find = useMemo(
    () => (from: Place) => {
      const started = performance.now();
      const [ofA, ofB] = features;
      const place = [(from.y / first.height) * ofA.grid[0] - 0.5, (from.x / first.width) * ofA.grid[1] - 0.5] as const;
      const map = likeness(ofB, featuresAt(ofA, place), wanted);
      const [row, column] = bestPlace(map, ofB.grid);
      took.current = performance.now() - started;
      const to = {
        x: ((column + 0.5) * second.width) / ofB.grid[1],
        y: ((row + 0.5) * second.height) / ofB.grid[0],
      };
      return { map, pin: { from, to, similarity: map[row * ofB.grid[1] + column]! } };
    },
    [features, first, second, wanted],
  );
  const found = useMemo(() => hover && find(hover), [hover, find]);
  const heat = useMemo(() => found && heatCanvas(found.map, features[1].grid), [found, features]);
  const colours = useColours(run, a, b, shows === 'colours');
  const move = ({ x, y }: Place) => {
    const inside = x >= 0 && y >= 0 && x < first.width && y < first.height;
    setHover(inside ? { x, y } : null);
  };
  const pin = () => {
    if (found) setPins([...pins, found.pin].slice(-MOST_POINTS));
  };
  const marks = (context: CanvasRenderingContext2D, scale: number, side: 'from' | 'to') => {
    for (const [index, one] of pins.entries()) mark(context, scale, one[side], runColour(index));
    if (found) mark(context, scale, found.pin[side], '#ffffff');
  };
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
      <div class="viewers wide">
        <Viewer
          width={first.width}
          height={first.height}
          view={view}
          label="First image: the pointer, or the cross-hair by the arrows, asks where this place lies in the second. Space keeps a point."
          version={[found, pins, shows, colours.value]}
          onMove={move}
          onDown={(at) => {
            move(at);
          }}
          onUp={pin}
          onLeave={() => setHover(null)}
          draw={(context, scale) => {
            base(context, images[0]!, first, shows === 'colours' ? colours.value?.[0] : undefined);
            marks(context, scale, 'from');
          }}
        >
          <div class="caption">
            <span>{nameOf(a)}</span>
          </div>
        </Viewer>
        <Viewer
          width={second.width}
          height={second.height}
          view={view}
          label="Second image: how alike each place is, and the best match"
          version={[found, pins, shows, colours.value]}
          draw={(context, scale) => {
            base(context, images[1]!, second, shows === 'colours' ? colours.value?.[1] : undefined);
            if (heat && shows === 'map') {
              context.globalAlpha = 0.6;
              context.imageSmoothingEnabled = true;
              context.drawImage(heat, 0, 0, second.width, second.height);
              context.globalAlpha = 1;
            }
            marks(context, scale, 'to');
          }}
        >
          <div class="caption">
            <span>{nameOf(b)}</span>
            <span data-took={took.current.toFixed(1)}>
              {found
                ? `${Math.floor(found.pin.to.x)}, ${Math.floor(found.pin.to.y)}: cosine ${found.pin.similarity.toFixed(3)}`
                : ''}
            </span>
          </div>
        </Viewer>
      </div>
      {pins.length > 0 && <Pins pins={pins} />}
      <Registering run={run} a={a} b={b} />
    </>
  );
}

function Pins({ pins }: { pins: readonly Pin[] }) {
  return (
    <section class="panel" aria-label="Points">
      <table>
        <thead>
          <tr>
            <th scope="col">Point</th>
            <th scope="col" class="number">
              first, x y
            </th>
            <th scope="col" class="number">
              second, x y
            </th>
            <th scope="col" class="number">
              displacement, px
            </th>
            <th scope="col" class="number">
              cosine
            </th>
          </tr>
        </thead>
        <tbody>
          {pins.map(({ from, to, similarity }, index) => (
            <tr key={`${from.x} ${from.y}`}>
              <th scope="row">
                <span class="dot" style={{ background: runColour(index) }} /> {index + 1}
              </th>
              <td class="number">
                {from.x.toFixed(0)} {from.y.toFixed(0)}
              </td>
              <td class="number">
                {to.x.toFixed(0)} {to.y.toFixed(0)}
              </td>
              <td class="number">{Math.hypot(to.x - from.x, to.y - from.y).toFixed(1)}</td>
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
  const [view] = useState(() => new View());
  const { value, error } = useLoaded(asked ? `${run} ${a} ${b}` : null, () =>
    at(run).place.registration(at(run).name, at(a).name, at(b).name),
  );
  const shown = useMemo(() => {
    if (!value) return null;
    const { width, height } = value.facts;
    const of = (name: string) => grayCanvas(width, height, value.arrays[name] as Uint8Array);
    const field: Field = { width, height, data: value.arrays.field as Float32Array };
    return { moving: of('moving'), fixed: of('fixed'), warped: of('warped'), field };
  }, [value]);
  const measures = value?.facts.measures;
  const blended = (over: 'moving' | 'warped') => (context: CanvasRenderingContext2D, scale: number) => {
    if (!shown) return;
    context.drawImage(shown.fixed, 0, 0);
    context.globalAlpha = blend;
    context.drawImage(shown[over], 0, 0);
    context.globalAlpha = 1;
    if (arrows && over === 'warped') drawArrows(context, shown.field, scale, '#ffb454');
  };
  return (
    <section class="panel" aria-label="Registration">
      <div class="row">
        <h2>Registration</h2>
        {!shown && (
          <button type="button" disabled={asked && !error} onClick={() => setAsked(true)}>
            Lay the first over the second
          </button>
        )}
        {shown && (
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
      {shown && measures && value && (
        <>
          <p class="quiet">
            mean displacement {short(measures.meanDisplacement)} px · folded {(100 * measures.foldedShare).toFixed(2)} %
            · correlation {correlation(measures.similarityBefore)} before, {correlation(measures.similarityAfter)} after
          </p>
          <div class="viewers wide">
            {(['moving', 'warped'] as const).map((over) => (
              <Viewer
                key={over}
                width={value.facts.width}
                height={value.facts.height}
                view={view}
                label={over === 'moving' ? 'Both images before registration' : 'Both images after registration'}
                version={[blend, shown, arrows]}
                draw={blended(over)}
              >
                <div class="caption">
                  <span>{over === 'moving' ? 'before' : 'after'}</span>
                </div>
              </Viewer>
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

function useColours(run: string, a: string, b: string, wanted: boolean) {
  const [state, setState] = useState<{ value: readonly HTMLCanvasElement[] | null; error: string }>({
    value: null,
    error: '',
  });
  useEffect(() => {
    if (!wanted || state.value) return;
    at(run)
      .place.colours(at(run).name, at(a).name, at(b).name)
      .then(({ facts, arrays }) => {
        const value = (['a', 'b'] as const).map((side) => {
          const [height, width] = facts[side];
          const colours = arrays[side]!;
          return painted(width, height, (data) => {
            for (let pixel = 0; pixel < width * height; pixel++) {
              for (let part = 0; part < 3; part++) data[4 * pixel + part] = colours[3 * pixel + part]!;
              data[4 * pixel + 3] = 255;
            }
          });
        });
        setState({ value, error: '' });
      })
      .catch((error: unknown) => setState({ value: null, error: messageOf(error) }));
  }, [wanted, run, a, b, state.value]);
  return state;
}

function base(
  context: CanvasRenderingContext2D,
  image: HTMLCanvasElement,
  { width, height }: Picture,
  colours: HTMLCanvasElement | undefined,
): void {
  context.drawImage(image, 0, 0);
  if (!colours) return;
  context.globalAlpha = 0.75;
  context.drawImage(colours, 0, 0, width, height);
  context.globalAlpha = 1;
}

/** Similarity from the middle of what is there to its best: the rest of the image stays dark. */
function heatCanvas(map: Float32Array, [height, width]: readonly [number, number]): HTMLCanvasElement {
  const sorted = map.slice().sort();
  const [low, high] = [sorted[sorted.length >> 1]!, sorted.at(-1)!];
  return painted(width, height, (data) => {
    for (let pixel = 0; pixel < map.length; pixel++) {
      const share = Math.max(0, (map[pixel]! - low) / Math.max(1e-9, high - low));
      data.set(viridis(share), 4 * pixel);
      data[4 * pixel + 3] = 255;
    }
  });
}

function mark(context: CanvasRenderingContext2D, scale: number, { x, y }: Place, colour: string): void {
  for (const [width, stroke] of [
    [4, '#000000'],
    [2, colour],
  ] as const) {
    context.lineWidth = width / scale;
    context.strokeStyle = stroke;
    context.beginPath();
    context.arc(x, y, 7 / scale, 0, 2 * Math.PI);
    context.stroke();
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
