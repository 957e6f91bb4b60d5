/** The files of a run as tests read them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MetricLine, metricLines } from '../train/run-folder.js';

/** The records of a run folder, in order. */
export function readMetrics(run: string): MetricLine[] {
  const path = join(run, 'metrics.jsonl');
  return existsSync(path) ? metricLines(readFileSync(path, 'utf8')) : [];
}
