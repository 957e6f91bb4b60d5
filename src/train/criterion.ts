/** What a look at held-out samples is judged by, and which of two looks is the better one. */
import type { Best } from './checkpoint.js';

/** A number that a training reports. */
export interface Metric {
  /** Its name in `metrics.jsonl`. */
  readonly key: string;
  /** Its name in the report. */
  readonly name: string;
  /** Its name in the line of progress. */
  readonly short: string;
  /** Digits behind the point. */
  readonly digits: number;
  /** None where absent. */
  readonly unit?: string;
}

export interface Criterion extends Metric {
  /** Which values are better. */
  readonly better: 'lower' | 'higher';
}

/** Whether a value is better than that of the best look so far; any is, where there is none. */
export function improves({ key, better }: Criterion, value: number, best: Best | null): boolean {
  if (!best) return true;
  return better === 'lower' ? value < best[key]! : value > best[key]!;
}

/** The value as it is shown, with its unit. */
export function metricValue({ digits, unit }: Metric, value: number): string {
  return unit ? `${value.toFixed(digits)} ${unit}` : value.toFixed(digits);
}
