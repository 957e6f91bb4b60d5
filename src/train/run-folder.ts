/**
 * A run as its files: configuration, data, metrics, checkpoints, pictures and report in one folder. Nothing else knows
 * their names. `metrics.jsonl` is the truth that every plot is drawn from; a checkpoint holds all that the run needs to
 * go on.
 */
import { parsedJson } from '../core/json.js';
import { type Content, placeIn, type Store, type StoreLock } from '../core/store.js';
import { BEST, checkpointName, checkpointNames, DAMAGED } from './checkpoint-choice.js';

/** A line of `metrics.jsonl`. */
export type MetricLine = Readonly<Record<string, number | string>>;

const CONFIG = 'config.yaml';
const METRICS = 'metrics.jsonl';
const REPORT = 'report.html';
const SAMPLES = 'samples';
const CHECKPOINTS = 'checkpoints';

/** The records beside the metrics: which data, where the first weights came from, and the score on the test cases. */
export type RecordName = 'data' | 'transfer' | 'test';

export class RunFolder {
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  /** The path of the run, for messages. */
  get name(): string {
    return this.store.name;
  }

  /** The paths of what a user opens, for messages. */
  get reportPath(): string {
    return placeIn(this.store, REPORT);
  }

  checkpointPath(name: string): string {
    return placeIn(this.store, `${CHECKPOINTS}/${name}`);
  }

  recordPath(name: RecordName): string {
    return placeIn(this.store, `${name}.json`);
  }

  lock(): Promise<StoreLock> {
    return this.store.lock();
  }

  /** The text of `config.yaml`; null where it is absent. */
  config(): Promise<string | null> {
    return this.#text(CONFIG);
  }

  writeConfig(yaml: string): Promise<void> {
    return this.store.write(CONFIG, yaml);
  }

  /** A record as it was written; null where it is absent or damaged. */
  async record<T>(name: RecordName): Promise<T | null> {
    return (parsedJson((await this.#text(`${name}.json`)) ?? undefined) ?? null) as T | null;
  }

  writeRecord(name: RecordName, record: object): Promise<void> {
    return this.store.write(`${name}.json`, `${JSON.stringify(record, null, 2)}\n`);
  }

  /** The records of `metrics.jsonl` in order; none where it is absent. A line that a crash cut short is passed over. */
  async metrics(): Promise<MetricLine[]> {
    return metricLines((await this.#text(METRICS)) ?? '');
  }

  /** @throws InputError ('file') when the disk is full; the lines before stay whole */
  appendMetric(record: object): Promise<void> {
    return this.store.append(METRICS, JSON.stringify(record));
  }

  /** Drops what a killed run wrote after a step. */
  async trimMetrics(step: number): Promise<void> {
    const kept = (await this.metrics()).filter((record) => Number(record.step) <= step);
    await this.store.write(METRICS, kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  /** Names of the checkpoints of steps, the oldest first. */
  async checkpoints(): Promise<string[]> {
    return checkpointNames(await this.store.list(CHECKPOINTS));
  }

  async hasBest(): Promise<boolean> {
    return (await this.store.list(CHECKPOINTS)).includes(BEST);
  }

  readCheckpoint(name: string): Promise<Uint8Array | null> {
    return this.store.read(`${CHECKPOINTS}/${name}`);
  }

  /** Writes the checkpoint of a step and returns its path. */
  async writeCheckpoint(step: number, content: Content): Promise<string> {
    await this.store.write(`${CHECKPOINTS}/${checkpointName(step)}`, content);
    return this.checkpointPath(checkpointName(step));
  }

  /** Makes the checkpoint of a step the best one. */
  async markBest(step: number): Promise<void> {
    const names = await this.checkpoints();
    if (!names.includes(checkpointName(step))) return;
    await this.store.copy(`${CHECKPOINTS}/${checkpointName(step)}`, `${CHECKPOINTS}/${BEST}`);
  }

  /** Removes all but the last `keep` checkpoints. */
  async dropCheckpoints(keep: number): Promise<void> {
    const names = await this.checkpoints();
    for (const name of names.slice(0, -keep)) await this.store.remove(`${CHECKPOINTS}/${name}`);
  }

  /** Puts a checkpoint that cannot be used out of the way, and returns where it is now. */
  async setAside(name: string): Promise<string> {
    await this.store.rename(`${CHECKPOINTS}/${name}`, `${CHECKPOINTS}/${name}${DAMAGED}`);
    return this.checkpointPath(`${name}${DAMAGED}`);
  }

  /** Names of the pictures in `samples/`, sorted. */
  async samples(): Promise<string[]> {
    return (await this.store.list(SAMPLES)).filter((name) => name.endsWith('.png'));
  }

  async sample(name: string): Promise<Uint8Array | null> {
    return this.store.read(`${SAMPLES}/${name}`);
  }

  writeSample(name: string, png: Uint8Array): Promise<void> {
    return this.store.write(`${SAMPLES}/${name}`, png);
  }

  /** Writes the predicted field of a validation volume. @param name with its ending */
  writeField(name: string, content: Content): Promise<void> {
    return this.store.write(`fields/${name}`, content);
  }

  writeReport(html: string): Promise<void> {
    return this.store.write(REPORT, html);
  }

  /** Removes what a run that never wrote a checkpoint has left, and the leavings of writers that were killed. */
  async clear(): Promise<void> {
    for (const name of [METRICS, REPORT, SAMPLES, 'fields']) await this.store.remove(name);
    await this.store.tidy();
  }

  async #text(file: string): Promise<string | null> {
    const bytes = await this.store.read(file);
    return bytes && new TextDecoder().decode(bytes);
  }
}

/** The records in the text of a `metrics.jsonl`. */
export function metricLines(text: string): MetricLine[] {
  return text.split('\n').flatMap((line) => {
    const record = parsedJson(line);
    return record ? [record as MetricLine] : [];
  });
}
