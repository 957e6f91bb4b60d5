/** Step 5: what the network says of the phantoms that nobody labelled, beside what the page knows of them. */
import { useEffect, useRef } from 'preact/hooks';
import { meanDefined } from '../../../core/statistics';
import { classDices } from '../../../finetune/segmentation/look';
import { UNPAINTED } from '../../../studio/drawing/map';
import { type Slice, slicesThrough } from '../../../studio/drawing/slices';
import { useLoaded } from '../../../studio/page/hooks';
import { Notice } from '../../../studio/page/parts/notice';
import { loadPicture, paintPicture } from '../../../studio/page/parts/picture';
import { Scroll } from '../../../studio/page/parts/scroll';
import { WHOLE } from '../../../studio/page/parts/view';
import type { Place } from '../../../studio/page/place/place';
import { addressOf } from '../../../studio/page/place/places';
import { classOverlay } from '../../../studio/page/rooms/label/overlay';
import type { Project } from '../../../studio/shared/protocol';
import { CLASSES, PROJECT, SIDE, truthOf } from './phantoms';

interface Compared {
  readonly id: string;
  readonly path: string;
  /** For each class but the background; null where it is in neither map. */
  readonly dices: readonly (number | null)[];
  readonly dice: number;
  readonly prediction: Uint8Array;
  readonly truth: Uint8Array;
}

/** From the worst. */
async function compare(place: Place, { caseList }: Project): Promise<Compared[]> {
  const found: Compared[] = [];
  for (const { id, path, labelled } of caseList) {
    const truth = truthOf(id);
    const prediction = labelled || !truth ? null : await place.prediction(PROJECT, id);
    if (!truth || !prediction) continue;
    const maps = [prediction.labels, truth].map((data) => ({ shape: [SIDE, SIDE], data }));
    const dices = classDices(maps[0]!, maps[1]!, CLASSES.length, UNPAINTED);
    found.push({ id, path, dices, dice: meanDefined(dices) ?? 0, prediction: prediction.labels, truth });
  }
  return found.sort((a, b) => a.dice - b.dice);
}

export function Compare({ place, project }: { place: Place; project: Project | null }) {
  const cases = project?.caseList ?? [];
  const segmented = cases.filter(({ uncertainty }) => uncertainty !== null).length;
  const whole = segmented > 0 && segmented === cases.length;
  // Other predictions have other uncertainties.
  const key = whole ? JSON.stringify(cases.map((one) => [one.id, one.labelled, one.uncertainty])) : null;
  const { value, error } = useLoaded(key, () => compare(place, project as Project));
  const mean = (values: readonly (number | null)[]) => (meanDefined(values) ?? 0).toFixed(3);
  return (
    <>
      <p class="quiet">
        Dice is 1 where prediction and truth are the same, and 0 where they share nothing. Phantoms that were labelled
        do not count.
      </p>
      {segmented > 0 && !whole && (
        <p class="small">
          {segmented} of {cases.length} phantoms are segmented; they are compared when all are.
        </p>
      )}
      {error && <Notice kind="error">{error}</Notice>}
      {value && value.length > 0 && (
        <>
          <p>
            Mean Dice{' '}
            <strong data-dice={mean(value.map(({ dice }) => dice))}>{mean(value.map(({ dice }) => dice))}</strong> over{' '}
            {value.length} phantoms that nobody labelled:{' '}
            {CLASSES.slice(1)
              .map((name, index) => `${name} ${mean(value.map(({ dices }) => dices[index] ?? null))}`)
              .join(', ')}
            .
          </p>
          <div class="thumbs pairs">
            {value.slice(0, 3).map((one) => (
              <Pair key={one.id} place={place} one={one} />
            ))}
          </div>
          <Scroll label="Dice of every phantom" class="case-table">
            <table>
              <thead>
                <tr>
                  <th scope="col">From the worst</th>
                  {CLASSES.slice(1).map((name) => (
                    <th scope="col" class="number" key={name}>
                      {name}
                    </th>
                  ))}
                  <th scope="col" class="number">
                    mean
                  </th>
                </tr>
              </thead>
              <tbody>
                {value.map(({ id, dices, dice }) => (
                  <tr key={id}>
                    <th scope="row">{id}</th>
                    {dices.map((one, index) => (
                      <td class="number" key={CLASSES[index + 1]}>
                        {one === null ? '–' : one.toFixed(3)}
                      </td>
                    ))}
                    <td class="number">{dice.toFixed(3)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
    </>
  );
}

/** The prediction and the truth over one phantom. */
function Pair({ place, one }: { place: Place; one: Compared }) {
  return (
    <figure>
      <Overlaid place={place} one={one} labels={one.prediction} title="prediction" />
      <Overlaid place={place} one={one} labels={one.truth} title="truth" />
      <figcaption class="small quiet">
        {one.id}: prediction, truth; {one.dice.toFixed(3)}
      </figcaption>
    </figure>
  );
}

interface OverlaidProps {
  readonly place: Place;
  readonly one: Compared;
  readonly labels: Uint8Array;
  readonly title: string;
}

function Overlaid({ place, one, labels, title }: OverlaidProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    loadPicture(addressOf(place, one.path))
      .then((picture) => {
        const context = canvas.current?.getContext('2d');
        const [slice] = slicesThrough([SIDE, SIDE], [0, 0]) as [Slice];
        context?.drawImage(paintPicture(picture, slice, WHOLE), 0, 0);
        context?.drawImage(classOverlay(SIDE, SIDE, labels, { opacity: 0.35 }), 0, 0);
      })
      // The table beside it says what there is.
      .catch(() => {});
  }, [place, one, labels]);
  return <canvas ref={canvas} width={SIDE} height={SIDE} role="img" aria-label={`${one.id}, ${title}`} />;
}
