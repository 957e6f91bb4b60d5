/**
 * Room 3: two images; where a place of the first lies in the second, at the speed of the pointer; one laid over the
 * other.
 */
import { useKept, useLoaded } from '../../hooks';
import { FolderPicker } from '../../parts/folder-picker';
import { NetworkField, useNetworks } from '../../parts/network-field';
import { NoFolder } from '../../parts/no-folder';
import { Notice } from '../../parts/notice';
import { loadPicture } from '../../parts/picture';
import { at, keepingPlace, titleOf } from '../../place/places';
import type { RoomProps } from '../../room';
import { loadFeatures } from '../label/features';
import { type Loaded, Matching } from './matching';
import type { PairProps } from './registering';

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

function Pair({ run, a, b }: PairProps) {
  const { value, error } = useLoaded(`${run} ${a} ${b}`, async (): Promise<Loaded> => {
    const [pa, pb] = await Promise.all([loadPicture(a), loadPicture(b)]);
    return { pictures: [pa, pb], features: [await loadFeatures(run, a), await loadFeatures(run, b)] };
  });
  if (error) return <Notice kind="error">{error}</Notice>;
  if (!value) return <p class="quiet">The network looks at both images …</p>;
  return <Matching run={run} a={a} b={b} {...value} />;
}
