/** The list of runs and the curves of those that are shown, kept up to date by the server's events. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunCurves, RunNews, RunSummary, Series } from '../../../shared/protocol';
import { address, get, messageOf } from '../../api';

export type Curves = ReadonlyMap<string, RunCurves>;

export interface LiveRuns {
  /** Null before the first answer. */
  readonly runs: readonly RunSummary[] | null;
  readonly curves: Curves;
  readonly problem: string;
}

/** @param shown ids of the runs whose curves are wanted */
export function useLiveRuns(shown: readonly string[]): LiveRuns {
  const [runs, setRuns] = useState<readonly RunSummary[] | null>(null);
  const [curves, setCurves] = useState<Curves>(new Map());
  const [problem, setProblem] = useState('');
  const [round, setRound] = useState(0);
  const latest = useRef<Map<string, RunCurves>>(new Map());
  const key = shown.join('|');
  useEffect(() => {
    get<RunSummary[]>('runs')
      .then(setRuns)
      .catch((error: unknown) => setProblem(messageOf(error)));
  }, []);
  // A further round reads the same runs again.
  useEffect(() => {
    let events: EventSource | undefined;
    let current = true;
    const wanted = key ? key.split('|') : [];
    const begin = async () => {
      const loaded = await Promise.all(wanted.map((run) => get<RunCurves>('runs/curves', { run }).catch(() => null)));
      if (!current) return;
      latest.current = new Map(loaded.flatMap((one) => (one ? [[one.id, one] as const] : [])));
      setCurves(new Map(latest.current));
      const from = [...latest.current.values()].map(({ id, offset }) => `${id}@${offset}`).join('|');
      events = new EventSource(address('runs/events', { runs: from }));
      events.addEventListener('runs', (event) => setRuns(JSON.parse((event as MessageEvent<string>).data)));
      events.addEventListener('curves', (event) => {
        const news = JSON.parse((event as MessageEvent<string>).data) as RunNews;
        const known = latest.current.get(news.id);
        if (news.reset || !known) {
          setRound((one) => one + 1);
          return;
        }
        latest.current.set(news.id, grown(known, news));
        setCurves(new Map(latest.current));
      });
      // The connection begins again by itself, but with the old offsets.
      events.onerror = () => {
        events?.close();
        setTimeout(() => current && setRound((one) => one + 1), 2000);
      };
    };
    begin().catch((error: unknown) => current && setProblem(messageOf(error)));
    return () => {
      current = false;
      events?.close();
    };
  }, [key, round]);
  return { runs, curves, problem };
}

function grown(known: RunCurves, news: RunNews): RunCurves {
  const series: Record<string, Series> = { ...known.series };
  for (const [key, { steps, values }] of Object.entries(news.series)) {
    const before = series[key];
    series[key] = { steps: [...(before?.steps ?? []), ...steps], values: [...(before?.values ?? []), ...values] };
  }
  return { ...known, series, offset: news.offset };
}
