/**
 * Room 5: what a fine-tuned network makes of its cases, from the worst: the prediction over the image, the label beside
 * it.
 */
import { useMemo, useState } from 'preact/hooks';
import type { Split } from '../../../../finetune/cases';
import { labelFocus } from '../../../../report/label-planes';
import { cut } from '../../../drawing/slices';
import type { ResultCase } from '../../../shared/protocol';
import { useEvery, useKept, useLoaded } from '../../hooks';
import { classColour, cssColour } from '../../parts/colours';
import { NetworkField, useNetworks } from '../../parts/network-field';
import { Notice } from '../../parts/notice';
import { loadPicture, paintPicture, plain } from '../../parts/picture';
import { type Linked, PlaceSliders, Planes } from '../../parts/planes';
import { Scroll } from '../../parts/scroll';
import { Views, WHOLE } from '../../parts/view';
import { addressOf, at } from '../../place/places';
import type { RoomProps } from '../../room';
import { classOverlay } from '../label/overlay';

const splits = [
  ['validation', 'validation cases'],
  ['test', 'test cases'],
  ['train', 'training cases'],
  ['all', 'all cases'],
] as const;

export function ResultsRoom(_: RoomProps) {
  const networks = useNetworks('results', ({ method }) => method === 'segmentation');
  const { runs, usable, run } = networks;
  const [split, setSplit] = useKept<Split>('results.split', 'validation');
  return (
    <div class="room">
      <div class="room-head">
        <h1>Segmentations</h1>
        <p class="quiet">Cases of a fine-tuned network, from the worst</p>
      </div>
      {runs.error && <Notice kind="error">{runs.error}</Notice>}
      {runs.value && usable.length === 0 && (
        <Notice>
          No network was fine-tuned for segmentation yet. <a href="#/label">Label a few images and train one.</a>
        </Notice>
      )}
      {run !== '' && (
        <>
          <div class="row">
            <NetworkField {...networks} />
            <label class="field">
              Cases
              <select value={split} onChange={(event) => setSplit(event.currentTarget.value as Split)}>
                {splits.map(([name, title]) => (
                  <option key={name} value={name}>
                    {title}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <Scores key={`${run} ${split}`} run={run} split={split} />
        </>
      )}
    </div>
  );
}

function Scores({ run, split }: { run: string; split: Split }) {
  const { place, name } = at(run);
  const { value: results, error, again } = useLoaded(`${run} ${split}`, () => place.results(name, split));
  const [chosen, setChosen] = useState('');
  const done =
    results !== null && (results.error !== '' || (results.total > 0 && results.cases.length >= results.total));
  useEvery(800, !done, again);
  const cases = useMemo(() => (results?.cases ?? []).toSorted((a, b) => (a.dice ?? 2) - (b.dice ?? 2)), [results]);
  const shown = cases.find(({ id }) => id === chosen) ?? cases[0];
  const problem = error || results?.error;
  if (problem) return <Notice kind="error">{problem}</Notice>;
  // What is there is shown at once, so that nothing moves.
  if (!results || (cases.length === 0 && !done)) return <p class="quiet">The network goes through the cases …</p>;
  const means = results.classes.slice(1).map((_, index) => mean(cases.map(({ dices }) => dices[index])));
  return (
    <div class="columns even">
      <section class="panel" aria-label="Dice of every case">
        <h2>Dice, from the worst</h2>
        {!done && (
          <>
            <progress max={Math.max(1, results.total)} value={cases.length} aria-label="Progress" />
            <p class="small quiet">
              {cases.length} of {results.total || '…'} predicted
            </p>
          </>
        )}
        {results.outside > 0 && (
          <Notice>{results.outside} cases are not shown: their images lie outside of the folder of the data.</Notice>
        )}
        {results.single.length > 0 && (
          <p class="small quiet">Without small pieces apart: {results.single.join(', ')}</p>
        )}
        <Scroll class="case-table" label="Table of cases">
          <table>
            <thead>
              <tr>
                <th scope="col">Case</th>
                <th scope="col" class="number">
                  mean
                </th>
                {results.classes.slice(1).map((name) => (
                  <th scope="col" class="number" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {cases.map((one) => (
                <tr key={one.id} class={one === shown ? 'chosen' : ''}>
                  <th scope="row">
                    <button type="button" class="plain" aria-pressed={one === shown} onClick={() => setChosen(one.id)}>
                      {one.id}
                    </button>
                  </th>
                  <td class="number">{score(one.dice)}</td>
                  {one.dices.map((dice, index) => (
                    <td class="number" key={results.classes[index + 1]}>
                      {score(dice)}
                    </td>
                  ))}
                </tr>
              ))}
              {cases.length > 1 && (
                <tr>
                  <th scope="row">mean</th>
                  <td class="number">{score(mean(cases.map(({ dice }) => dice)))}</td>
                  {means.map((dice, index) => (
                    <td class="number" key={results.classes[index + 1]}>
                      {score(dice)}
                    </td>
                  ))}
                </tr>
              )}
            </tbody>
          </table>
        </Scroll>
      </section>
      {shown && <CaseView key={shown.id} run={run} shown={shown} classes={results.classes} />}
    </div>
  );
}

interface CaseViewProps {
  readonly run: string;
  readonly shown: ResultCase;
  readonly classes: readonly string[];
}

function CaseView({ run, shown, classes }: CaseViewProps) {
  const [opacity, setOpacity] = useKept('results.opacity', 0.45);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [window, setWindow] = useState(WHOLE);
  const [views] = useState(() => new Views());
  const [point, setPoint] = useState<readonly number[] | null>(null);
  const { value, error } = useLoaded(`${run} ${shown.id}`, async () => {
    const { place, name } = at(run);
    const [picture, maps] = await Promise.all([
      loadPicture(addressOf(place, shown.path)),
      place.resultMaps(name, shown.id),
    ]);
    return { picture, ...maps };
  });
  const focus = useMemo(() => value && labelFocus({ shape: value.picture.shape, data: value.truth }), [value]);
  const linked: Linked | null = value && { ...value.picture, place: point ?? focus!, onPlace: setPoint };
  if (error) return <Notice kind="error">{error}</Notice>;
  if (!value || !linked) return <div class="viewer" aria-busy="true" />;
  const toggle = (label: number) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    setHidden(next);
  };
  const titles = [`prediction, Dice ${score(shown.dice)}`, 'label'] as const;
  return (
    <div class="room">
      <PlaceSliders linked={linked} />
      <div class={linked.shape.length === 3 ? 'viewers solid' : 'viewers wide'}>
        {titles.map((title, index) => (
          <Planes
            key={title}
            linked={linked}
            views={views}
            title={index === 0 ? `${shown.id}: ${title}` : title}
            version={[value, window]}
            window={window}
            onWindow={setWindow}
            paint={(slice) => plain(paintPicture(value.picture, slice, window))}
            over={[
              {
                version: [value, opacity, hidden],
                paint: (slice) => {
                  const labels = cut(index === 0 ? value.prediction : value.truth, slice);
                  const overlay = classOverlay(slice.width, slice.height, labels, { opacity, hidden });
                  return (context) => {
                    context.imageSmoothingEnabled = false;
                    context.drawImage(overlay, 0, 0);
                  };
                },
              },
            ]}
          />
        ))}
      </div>
      <section class="panel" aria-label="Classes shown">
        <div class="row apart">
          {classes.slice(1).map((name, index) => (
            <label class="check" key={name}>
              <input type="checkbox" checked={!hidden.has(index + 1)} onChange={() => toggle(index + 1)} />
              <span class="swatch" style={{ background: cssColour(classColour(index + 1)) }} />
              {name} <span class="quiet">{score(shown.dices[index])}</span>
            </label>
          ))}
        </div>
        <label class="check">
          Opacity
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={opacity}
            onInput={(event) => setOpacity(Number(event.currentTarget.value))}
          />
        </label>
      </section>
    </div>
  );
}

function score(dice: number | null | undefined): string {
  return dice === null || dice === undefined ? '–' : dice.toFixed(3);
}

function mean(values: readonly (number | null | undefined)[]): number | null {
  const defined = values.filter((value): value is number => value !== null && value !== undefined);
  return defined.length > 0 ? defined.reduce((sum, value) => sum + value, 0) / defined.length : null;
}
