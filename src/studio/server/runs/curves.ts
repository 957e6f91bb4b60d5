/** The curves of a run, read from its metrics piece by piece and kept up to date by reading what is new. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { forEachValue, type MetricRecord, parsedRecord } from '../../answers/metrics.js';
import { ThinnedSeries } from '../../answers/thinned.js';
import type { RunCurves, RunNews, Series } from '../../shared/protocol.js';

const PIECE = 2 ** 20;
/** Runs whose curves are kept; the one that was asked for longest ago gives way. */
const KEPT = 32;

interface Opened {
  series: Map<string, ThinnedSeries>;
  /** Bytes up to the end of the last whole line. */
  offset: number;
  unreadable: number;
  /** The first bytes of the file, by which a file that was written anew is known. */
  head: string;
  reading: Promise<void>;
}

export class Curves {
  readonly #root: string;
  readonly #opened = new Map<string, Opened>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The curves as far as they are written. @param id a run whose folder was found to lie within the root */
  async get(id: string): Promise<RunCurves> {
    const run = await this.#upToDate(id);
    const series = Object.fromEntries([...run.series].map(([key, one]) => [key, one.get()]));
    return { id, series, offset: run.offset, unreadable: run.unreadable };
  }

  /** What was written after `offset`; undefined where nothing was. */
  async news(id: string, offset: number): Promise<RunNews | undefined> {
    const file = await openOrNot(this.#path(id));
    if (!file) return offset > 0 ? { id, offset: 0, series: {}, reset: true } : undefined;
    try {
      const { size } = await file.stat();
      if (size < offset) return { id, offset: 0, series: {}, reset: true };
      const series = new Map<string, { steps: number[]; values: number[] }>();
      const read = await readLines(file, offset, size, (record) => {
        forEachValue(record, (key, step, value) => {
          const one = series.get(key) ?? { steps: [], values: [] };
          series.set(key, one);
          one.steps.push(step);
          one.values.push(value);
        });
      });
      if (read.offset === offset) return undefined;
      return { id, offset: read.offset, series: Object.fromEntries(series) as Record<string, Series>, reset: false };
    } finally {
      await file.close();
    }
  }

  #path(id: string): string {
    return join(this.#root, id, 'metrics.jsonl');
  }

  async #upToDate(id: string): Promise<Opened> {
    const run = this.#opened.get(id) ?? empty();
    this.#opened.delete(id);
    this.#opened.set(id, run);
    if (this.#opened.size > KEPT) this.#opened.delete(this.#opened.keys().next().value as string);
    run.reading = run.reading.then(() => this.#read(id, run));
    await run.reading;
    return run;
  }

  async #read(id: string, run: Opened): Promise<void> {
    const file = await openOrNot(this.#path(id));
    if (!file) {
      Object.assign(run, { ...empty(), reading: run.reading });
      return;
    }
    try {
      const { size } = await file.stat();
      const head = await firstBytes(file, Math.min(size, 200));
      // A run that was resumed has shorter metrics, or others under the same name.
      if (size < run.offset || !head.startsWith(run.head)) Object.assign(run, { ...empty(), reading: run.reading });
      if (run.head === '') run.head = head.slice(0, 100);
      const read = await readLines(file, run.offset, size, (record) => {
        forEachValue(record, (key, step, value) => {
          const one = run.series.get(key) ?? new ThinnedSeries();
          run.series.set(key, one);
          one.add(step, value);
        });
      });
      run.offset = read.offset;
      run.unreadable += read.unreadable;
    } finally {
      await file.close();
    }
  }
}

function empty(): Opened {
  return { series: new Map(), offset: 0, unreadable: 0, head: '', reading: Promise.resolve() };
}

async function openOrNot(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch {
    return undefined;
  }
}

async function firstBytes(file: FileHandle, length: number): Promise<string> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
  return buffer.toString('utf8', 0, bytesRead);
}

/** The whole lines from `offset` to `size`. A line without an end is still being written. */
async function readLines(
  file: FileHandle,
  offset: number,
  size: number,
  onRecord: (record: MetricRecord) => void,
): Promise<{ offset: number; unreadable: number }> {
  let unreadable = 0;
  let at = offset;
  let length = PIECE;
  const buffer = () => Buffer.allocUnsafe(length);
  let piece = buffer();
  while (at < size) {
    if (piece.length !== length) piece = buffer();
    const { bytesRead } = await file.read(piece, 0, Math.min(length, size - at), at);
    const end = piece.subarray(0, bytesRead).lastIndexOf(10);
    if (end < 0) {
      // A line longer than the piece; beyond a limit it is no metrics file.
      if (bytesRead < length || length >= 64 * PIECE) break;
      length *= 4;
      continue;
    }
    for (const line of piece.toString('utf8', 0, end).split('\n')) {
      const record = parsedRecord(line);
      if (record) onRecord(record);
      else if (line) unreadable++;
    }
    at += end + 1;
  }
  return { offset: at, unreadable };
}
