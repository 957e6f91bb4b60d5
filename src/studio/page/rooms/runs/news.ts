/** The list of runs and the curves of those that are shown, kept up to date as they are written. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunCurves, RunNews, RunSummary, Series } from '../../../shared/protocol';
import { messageOf } from '../../api';
import { allRuns, at, watchAll } from '../../place/places';

export type Curves = ReadonlyMap<string, RunCurves>;

export interface LiveRuns {
  /** Null before the first answer. */
  readonly runs: readonly RunSummary[] | null;
  readonly curves: Curves;
  /** Whether the curves of the runs that were shown first were read. */
  readonly ready: boolean;
  readonly problem: string;
}

/** @param shown ids of the runs whose curves are wanted */
export function useLiveRuns(shown: readonly string[]): LiveRuns {
  const [runs, setRuns] = useState<readonly RunSummary[] | null>(null);
  const [curves, setCurves] = useState<Curves>(new Map());
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState('');
  const [round, setRound] = useState(0);
  const latest = useRef<Map<string, RunCurves>>(new Map());
  const key = shown.join('|');
  useEffect(() => {
    allRuns()
      .then(setRuns)
      .catch((error: unknown) => setProblem(messageOf(error)));
  }, []);
  // A further round reads the same runs again.
  useEffect(() => {
    let end = () => {};
    let current = true;
    const wanted = key ? key.split('|') : [];
    const begin = async () => {
      const loaded = await Promise.all(wanted.map((run) => curvesOf(run).catch(() => null)));
      if (!current) return;
      latest.current = new Map(loaded.flatMap((one) => (one ? [[one.id, one] as const] : [])));
      setCurves(new Map(latest.current));
      setReady(true);
      end = watchAll(new Map([...latest.current.values()].map(({ id, offset }) => [id, offset])), {
        onRuns: setRuns,
        onNews(news) {
          const known = latest.current.get(news.id);
          if (news.reset || !known) {
            setRound((one) => one + 1);
            return;
          }
          latest.current.set(news.id, grown(known, news));
          setCurves(new Map(latest.current));
        },
        onCurves(curves) {
          latest.current.set(curves.id, curves);
          setCurves(new Map(latest.current));
        },
        onLost() {
          end();
          setTimeout(() => current && setRound((one) => one + 1), 2000);
        },
      });
    };
    begin().catch((error: unknown) => current && setProblem(messageOf(error)));
    return () => {
      current = false;
      end();
    };
  }, [key, round]);
  return { runs, curves, ready, problem };
}

async function curvesOf(run: string): Promise<RunCurves> {
  const { place, name } = at(run);
  return { ...(await place.curves(name)), id: run };
}

function grown(known: RunCurves, news: RunNews): RunCurves {
  const series: Record<string, Series> = { ...known.series };
  for (const [key, { steps, values }] of Object.entries(news.series)) {
    const before = series[key];
    series[key] = { steps: [...(before?.steps ?? []), ...steps], values: [...(before?.values ?? []), ...values] };
  }
  return { ...known, series, offset: news.offset };
}
