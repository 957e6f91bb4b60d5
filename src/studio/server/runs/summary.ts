/**
 * What the list of runs shows of each: read from the configuration, the end of the metrics and the note of its process.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolder } from '../../../system/lock.js';
import type { MetricRecord } from '../../answers/metrics.js';
import { outlineOf } from '../../answers/summary.js';
import type { RunState, RunSummary } from '../../shared/protocol.js';
import { type JobState, jobState } from './job.js';
import { outlineSettings } from './settings.js';
import { lastRecords } from './tail.js';

export function summarize(root: string, id: string): RunSummary {
  const folder = join(root, id);
  const { settings, problem } = outlineSettings(folder);
  const metrics = join(folder, 'metrics.jsonl');
  const stats = statSync(metrics, { throwIfNoEntry: false });
  const records = stats ? lastRecords(metrics, ['train', 'validation']) : new Map<string, MetricRecord>();
  const outline = outlineOf(settings, records);
  const job = jobState(folder);
  // A fine-tuning whose patience ended has done fewer steps than its schedule; its process ended well.
  const ended = (outline.steps > 0 && outline.step >= outline.steps) || (job?.code === 0 && !job.stopped);
  const signs = { problem, hasMetrics: stats !== undefined, empty: stats?.size === 0, records, ended, job };
  return {
    id,
    ...outline,
    ...stateOf({ ...signs, alive: isLocked(folder) }),
    changed: stats?.mtimeMs ?? statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0,
    ours: job !== null,
  };
}

/** Whether a process trains the run, wherever it was started: it holds the lock of the folder. */
function isLocked(folder: string): boolean {
  return lockHolder(join(folder, 'run.lock')) !== null;
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
