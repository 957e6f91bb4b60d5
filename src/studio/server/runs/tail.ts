/** The last records of a file of JSON lines, without reading the rest: a run of 100,000 steps has tens of megabytes. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type MetricRecord, parsedRecord } from '../../answers/metrics.js';

const STRETCH = 2 ** 14;
const KIND = /"kind":"(\w+)"/;

/**
 * The last record of each kind that is wanted, looked for from the end, in at most `limit` bytes.
 * @returns none where the file is missing
 */
export function lastRecords(path: string, kinds: readonly string[], limit = 2 ** 17): Map<string, MetricRecord> {
  const found = new Map<string, MetricRecord>();
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return found;
  }
  try {
    const { size } = fstatSync(file);
    for (let length = STRETCH; ; length *= 8) {
      const start = Math.max(0, size - length);
      const bytes = Buffer.alloc(size - start);
      const read = readSync(file, bytes, 0, bytes.length, start);
      const lines = bytes.toString('utf8', 0, read).split('\n');
      // The first line is cut where the stretch does not begin at the start.
      for (let index = lines.length - 1; index >= (start > 0 ? 1 : 0); index--) {
        const kind = KIND.exec(lines[index]!)?.[1] ?? '';
        // Most lines are of a kind that was found already, and are not worth parsing.
        if (!kinds.includes(kind) || found.has(kind)) continue;
        const record = parsedRecord(lines[index]!);
        if (record) found.set(kind, record);
      }
      if (start === 0 || length >= limit || found.size === kinds.length) return found;
    }
  } finally {
    closeSync(file);
  }
}
