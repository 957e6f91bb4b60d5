/** `metrics.jsonl`: one JSON record a line, appended as the run goes on; every plot is drawn from it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appendLine, writeFileAtomic } from '../system/files.js';

export type MetricLine = Readonly<Record<string, number | string>>;

export function metricsPath(run: string): string {
  return join(run, 'metrics.jsonl');
}

/** @throws InputError ('file') when the disk is full; the lines before stay whole. */
export function appendMetric(run: string, record: object): void {
  appendLine(metricsPath(run), JSON.stringify(record));
}

/** The records of a run in order; none where the file is absent. A line that a crash cut short is passed over. */
export function readMetrics(run: string): MetricLine[] {
  const path = metricsPath(run);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line ? [JSON.parse(line) as MetricLine] : [];
      } catch {
        return [];
      }
    });
}

/** Drops what a killed run wrote after its last checkpoint. */
export function trimMetrics(run: string, step: number): void {
  const kept = readMetrics(run).filter((record) => Number(record.step) <= step);
  writeFileAtomic(metricsPath(run), kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
}
