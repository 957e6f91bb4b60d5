/** `data.json` of a run: which cases are in which part, and a fingerprint, so that a run that goes on finds the same data. */
import { InputError } from '../core/errors.js';
import type { LabelledCase } from '../data/labelled/labelled.js';
import type { SampleSet } from '../data/labelled/sample-set.js';
import type { TrainingHost } from '../train/host.js';
import type { RunFolder } from '../train/run-folder.js';
import type { RunCases } from './cases.js';

export interface DataRecord {
  readonly labelled: readonly string[];
  readonly unused: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
  readonly fingerprint: string;
}

export async function dataRecord(
  { parts, labelled }: RunCases,
  sets: readonly (SampleSet | null)[],
  host: Pick<TrainingHost, 'digest'>,
): Promise<DataRecord> {
  return {
    labelled: ids(labelled),
    unused: ids(parts.train.filter((one) => !labelled.includes(one))),
    validation: ids(parts.validation),
    test: ids(parts.test),
    fingerprint: await host.digest(contents(sets)),
  };
}

/** @throws InputError ('data') when the run began with other images or labels */
export async function checkSameData(run: RunFolder, record: DataRecord): Promise<void> {
  const known = await run.record<DataRecord>('data');
  if (!known || known.fingerprint === record.fingerprint) return;
  throw new InputError(
    'data',
    `${run.name}: expected the ${known.labelled.length} training cases that the run began with, found other images or labels`,
    `Restore what ${run.recordPath('data')} lists, or begin another run.`,
  );
}

function ids(cases: readonly LabelledCase[]): string[] {
  return cases.map(({ id }) => id);
}

/** All images, then all labels, of one set after the other. */
function* contents(sets: readonly (SampleSet | null)[]): Generator<Uint8Array> {
  for (const set of sets) {
    if (!set) continue;
    for (let index = 0; index < set.count; index++) {
      const { buffer, byteOffset, byteLength } = set.sharedImage(index).data;
      yield new Uint8Array(buffer, byteOffset, byteLength);
    }
    for (const { labels } of set.samples.cases) yield new Uint8Array(labels.buffer);
  }
}
