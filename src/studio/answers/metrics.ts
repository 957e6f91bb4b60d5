/** The curves of a run from the lines of its metrics. */
import { parsedJson } from '../../core/json.js';

export type MetricRecord = Readonly<Record<string, unknown>>;

/** The record of a line; undefined where it is empty, cut short or no record. */
export function parsedRecord(line: string): MetricRecord | undefined {
  const record: unknown = parsedJson(line);
  return typeof record === 'object' && record !== null && !Array.isArray(record) ? (record as MetricRecord) : undefined;
}

const NO_CURVES = new Set(['kind', 'step', 'steps']);

/** Every value of a record that is a point of a curve. Keys are `train.loss` and the like. */
export function forEachValue(record: MetricRecord, add: (key: string, step: number, value: number) => void): void {
  const { kind, step } = record;
  if (typeof kind !== 'string' || typeof step !== 'number' || (kind !== 'train' && kind !== 'validation')) return;
  for (const key in record) {
    const value = record[key];
    if (typeof value === 'number' && !NO_CURVES.has(key)) add(`${kind}.${key}`, step, value);
  }
}
