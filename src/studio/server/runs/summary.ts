/**
 * What the list of runs shows of each: read from the configuration, the end of the metrics and the note of its process.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolder } from '../../../system/lock.js';
import { ownIdentity, stillLives } from '../../../system/process-identity.js';
import type { RunState, RunSummary } from '../../shared/protocol.js';
import { type JobState, jobState } from './job.js';
import { outlineSettings, settingAt } from './settings.js';
import { lastRecords, type MetricRecord } from './tail.js';

/** A lock of another host counts while it is renewed: as long as those who would take it over wait. */
const EXPIRY = 180;
const self = ownIdentity();

export function summarize(root: string, id: string): RunSummary {
  const folder = join(root, id);
  const { settings, problem } = outlineSettings(folder);
  const metrics = join(folder, 'metrics.jsonl');
  const stats = statSync(metrics, { throwIfNoEntry: false });
  const records = stats ? lastRecords(metrics, ['train', 'validation']) : new Map<string, MetricRecord>();
  const [train, validation] = [records.get('train'), records.get('validation')];
  const job = jobState(folder);
  const step = Math.max(numberOf(train?.step) ?? 0, numberOf(validation?.step) ?? 0);
  const steps = numberOf(settingAt(settings, 'schedule.steps')) ?? 0;
  const seconds = numberOf(train?.seconds);
  const changed = stats?.mtimeMs ?? statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  // A fine-tuning whose patience ended has done fewer steps than its schedule; its process ended well.
  const ended = (steps > 0 && step >= steps) || (job?.code === 0 && !job.stopped);
  const kind = 'task' in settings ? 'fine-tuning' : 'method' in settings ? 'pretraining' : 'unknown';
  return {
    id,
    kind,
    ...stateOf({
      problem,
      hasMetrics: stats !== undefined,
      empty: stats?.size === 0,
      records,
      ended,
      alive: isLocked(folder),
      job,
    }),
    method: textOf(settings.task ?? settings.method),
    source: textOf(settingAt(settings, 'data.source')),
    from: textOf(settingAt(settings, 'model.from')),
    step,
    steps,
    secondsPerStep: seconds,
    look: lookOf(validation),
    changed,
    ours: job !== null,
  };
}

/** Whether a process trains the run, wherever it was started: it holds the lock of the folder. */
function isLocked(folder: string): boolean {
  const holder = lockHolder(join(folder, 'run.lock'));
  return holder !== null && (stillLives(holder, self) ?? holder.silence < EXPIRY);
}

interface Signs {
  readonly problem: string;
  readonly hasMetrics: boolean;
  readonly empty: boolean;
  readonly records: ReadonlyMap<string, MetricRecord>;
  readonly ended: boolean;
  readonly alive: boolean;
  readonly job: JobState | null;
}

function stateOf({ problem, hasMetrics, empty, records, ended, alive, job }: Signs): {
  state: RunState;
  message: string;
} {
  const say = (state: RunState, message = '') => ({ state, message });
  if (job?.running || alive) return say('running', records.size > 0 ? '' : 'getting ready');
  if (job && job.code !== 0 && job.code !== null) return say('failed', job.error);
  if (problem) return say('broken', problem);
  if (!hasMetrics) {
    return job
      ? say('failed', job.error || 'its process ended before the first step')
      : say('broken', 'metrics.jsonl is missing: nothing was written yet');
  }
  if (records.size === 0) {
    return say('broken', empty ? 'metrics.jsonl is empty' : 'no record of metrics.jsonl can be read');
  }
  if (ended) return say('finished');
  if (job) return say('stopped', job.code === null ? 'its process was killed; it can be resumed' : '');
  return say('stopped');
}

/** The criterion of a look, whatever the method. */
function lookOf(record: MetricRecord | undefined): RunSummary['look'] {
  if (!record) return null;
  for (const [key, name] of [
    ['endpointError', 'EPE'],
    ['score', 'score'],
    ['loss', 'loss'],
  ] as const) {
    const value = numberOf(record[key]);
    if (value !== null) return { step: numberOf(record.step) ?? 0, name, value };
  }
  return null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
