/** What a run will take: memory, and time as the last run of the same network, views and batch took. */
import type { Forecast } from '../../../shared/protocol';
import { duration, gigabytes } from '../../parts/format';
import { Notice } from '../../parts/notice';
import type { Place } from '../../place/place';
import { addressOf, titleOf } from '../../place/places';

export function hasRoom({ needed, free }: Forecast): boolean {
  return needed <= free;
}

export function Estimate({ forecast, place }: { forecast: Forecast; place: Place }) {
  const { needed, free, seconds, like } = forecast;
  return (
    <>
      <dl class="facts">
        <dt>Memory</dt>
        <dd>
          about {gigabytes(needed)}, of {gigabytes(free)} that are free
        </dd>
        <dt>Time</dt>
        <dd>
          {seconds === null
            ? 'not known: no run of this network, views and batch is here yet; the first steps will tell'
            : `about ${duration(seconds)}, as fast as ${titleOf(addressOf(place, like))} was`}
        </dd>
      </dl>
      {!hasRoom(forecast) && (
        <Notice kind="error">
          It does not fit. Smaller views or a smaller batch need less; batch.micro=1 needs less with the same result.
        </Notice>
      )}
    </>
  );
}
