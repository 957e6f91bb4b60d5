/** The first image laid over the second by the field that the network predicts. */
import { useState } from 'preact/hooks';
import { cut, type Slice } from '../../../drawing/slices';
import { useLoaded } from '../../hooks';
import { short } from '../../parts/format';
import { Notice } from '../../parts/notice';
import { grayCanvas, plain } from '../../parts/picture';
import { type Layer, type Linked, middleOf, PlaceSliders, Planes } from '../../parts/planes';
import { Views } from '../../parts/view';
import { at } from '../../place/places';
import { drawArrows, fieldOf } from '../views/paint';

export interface PairProps {
  readonly run: string;
  readonly a: string;
  readonly b: string;
}

export function Registering({ run, a, b }: PairProps) {
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
