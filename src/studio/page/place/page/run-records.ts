/** What is written of a run of the page: its settings, its metrics, how its last training ended. */
import { parse } from 'yaml';
import { OpfsStore } from '../../../../browser/opfs-store';
import { InputError } from '../../../../core/errors';
import { forEachValue, type MetricRecord, parsedRecord } from '../../../answers/metrics';
import { outlineOf, type Settings } from '../../../answers/summary';
import { ThinnedSeries } from '../../../answers/thinned';
import type { RunCurves, RunSummary } from '../../../shared/protocol';
import { checkedName, readJson } from './opfs';

/** How the last training of a run ended, beside the runs, so that a run stays what it is under Node. */
export interface Note {
  readonly error: string;
  /** It ended by itself, perhaps with fewer steps than its schedule has. */
  readonly ended: boolean;
}

export const runPath = (run: string): string => `runs/${run}`;
export const notePath = (run: string): string => `notes/${run}.json`;
export const storeOf = (run: string): OpfsStore => new OpfsStore(runPath(checkedName(run, 'run')));

const parsedSettings = new Map<string, { readonly mark: string; readonly settings: Settings }>();

/** The settings of a run as its file has them. @throws InputError ('config') where it cannot be read */
export async function settingsOf(run: string): Promise<Settings> {
  const file = await storeOf(run).file('config.yaml');
  if (file === null) return {};
  const mark = `${file.lastModified} ${file.size}`;
  const known = parsedSettings.get(run);
  if (known?.mark === mark) return known.settings;
  try {
    const content: unknown = parse(await file.text(), { maxAliasCount: 0 });
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
      parsedSettings.set(run, { mark, settings: content as Settings });
      return content as Settings;
    }
  } catch {
    // It is told below.
  }
  throw new InputError('config', 'config.yaml cannot be read: it is empty, or was cut short');
}

interface Read {
  /** Bytes up to the end of the last whole line that was read. */
  offset: number;
  size: number;
  changed: number;
  unreadable: number;
  series: Map<string, ThinnedSeries>;
  last: Map<string, MetricRecord>;
}
const read = new Map<string, Read>();

/** Its file may become shorter and grow again before it is looked at: what was read of it is not used. */
export function forgetMetrics(run: string): void {
  read.delete(run);
}

/** The metrics of a run, of which what is new is read; all again where they became shorter. */
export async function metricsOf(run: string): Promise<Read> {
  const file = await storeOf(run).file('metrics.jsonl');
  let known = read.get(run);
  if (!known || !file || file.size < known.size) {
    known = { offset: 0, size: 0, changed: 0, unreadable: 0, series: new Map(), last: new Map() };
    read.set(run, known);
  }
  if (!file || file.size === known.size) return known;
  const bytes = new Uint8Array(await file.slice(known.offset).arrayBuffer());
  const end = bytes.lastIndexOf(10);
  for (const line of new TextDecoder().decode(bytes.subarray(0, Math.max(0, end))).split('\n')) {
    const record = parsedRecord(line);
    if (!record) {
      if (line) known.unreadable++;
      continue;
    }
    if (typeof record.kind === 'string') known.last.set(record.kind, record);
    forEachValue(record, (key, step, value) => {
      const one = known.series.get(key) ?? new ThinnedSeries();
      known.series.set(key, one);
      one.add(step, value);
    });
  }
  known.offset += end + 1;
  known.size = file.size;
  known.changed = file.lastModified;
  return known;
}

export async function curvesOf(run: string): Promise<RunCurves> {
  const { series, offset, unreadable } = await metricsOf(run);
  const points = Object.fromEntries([...series].map(([key, one]) => [key, one.get()]));
  return { id: run, series: points, offset, unreadable };
}

/** The runs that a training of any tab holds. */
export async function heldRuns(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query();
  const names = held.map(({ name = '' }) => /^cover:runs\/(.+)$/.exec(name)?.[1] ?? '');
  return new Set(names.filter(Boolean));
}

export async function summaryOf(
  run: string,
  { locked, ours }: { readonly locked: boolean; readonly ours: boolean },
): Promise<RunSummary> {
  const { last, changed } = await metricsOf(run);
  const note = (await readJson(notePath(run))) as Partial<Note> | undefined;
  let [settings, problem]: [Settings, string] = [{}, ''];
  try {
    settings = await settingsOf(run);
  } catch (error) {
    problem = (error as Error).message;
  }
  const outline = outlineOf(settings, last);
  const ended = (outline.steps > 0 && outline.step >= outline.steps) || note?.ended === true;
  const state = (): Pick<RunSummary, 'state' | 'message'> => {
    if (locked || ours) return { state: 'running', message: last.size > 0 ? '' : 'getting ready' };
    if (note?.error) return { state: 'failed', message: note.error };
    if (problem) return { state: 'broken', message: problem };
    if (last.size === 0) return { state: 'broken', message: 'it ended before its first step' };
    return ended ? { state: 'finished', message: '' } : { state: 'stopped', message: '' };
  };
  return { id: run, ...outline, ...state(), changed, ours };
}
