/** Watching runs where nobody tells of news: what changes is asked for now and then. */
import type { PlaceCalls, RunListener } from '../place';

/** Milliseconds between two looks. */
const EVERY = 600;

export function watchByAsking(
  calls: PlaceCalls,
  offsets: ReadonlyMap<string, number>,
  listener: RunListener,
): () => void {
  const known = new Map(offsets);
  /** When each run was last written to, as far as its curves were read. */
  const read = new Map<string, number>();
  let last = '';
  let ended = false;
  const look = async () => {
    const runs = await calls.runs();
    if (ended) return;
    const now = JSON.stringify(runs);
    if (now !== last) listener.onRuns(runs);
    last = now;
    for (const { id, changed } of runs) {
      if (!known.has(id) || read.get(id) === changed) continue;
      const curves = await calls.curves(id);
      if (ended) return;
      read.set(id, changed);
      if (curves.offset === known.get(id)) continue;
      known.set(id, curves.offset);
      // What is thinned out changes behind, too: all of it is given again.
      listener.onCurves(curves);
    }
  };
  const again = () => {
    look()
      .catch(() => !ended && listener.onLost())
      .finally(() => {
        if (!ended) timer = setTimeout(again, EVERY);
      });
  };
  let timer = setTimeout(again, 0);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
