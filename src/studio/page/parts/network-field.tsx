/** Which network a room asks: the one that was chosen last, or the first that there is. */
import type { RunSummary } from '../../shared/protocol';
import { type Loaded, useKept, useLoaded } from '../hooks';
import { allRuns, titleOf } from '../place/places';

export interface Networks {
  readonly runs: Loaded<RunSummary[]>;
  readonly usable: readonly RunSummary[];
  /** The address of its run; empty where there is none. */
  readonly run: string;
  readonly choose: (run: string) => void;
}

/** @param room whose choice is kept @param fits which runs the room can ask */
export function useNetworks(room: string, fits: (run: RunSummary) => boolean): Networks {
  const runs = useLoaded('runs', allRuns);
  const usable = (runs.value ?? []).filter((one) => one.step > 0 && fits(one));
  const [chosen, choose] = useKept(`${room}.run`, '');
  const run = usable.some(({ id }) => id === chosen) ? chosen : (usable[0]?.id ?? '');
  return { runs, usable, run, choose };
}

export function NetworkField({ usable, run, choose }: Networks) {
  return (
    <label class="field">
      Network
      <select value={run} onChange={(event) => choose(event.currentTarget.value)}>
        {usable.map(({ id }) => (
          <option key={id} value={id}>
            {titleOf(id)}
          </option>
        ))}
      </select>
    </label>
  );
}
