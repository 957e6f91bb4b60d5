/**
 * `data.json` of a run: which cases are in which part, what tells the images apart that were trained on, and a
 * fingerprint, so that a run that goes on finds the same data and an evaluation knows what it must not score as new.
 */
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import type { LabelledCase } from '../data/labelled/labelled.js';
import type { SampleSet } from '../data/labelled/sample-set.js';
import type { FileWarnings } from '../data/warnings.js';
import type { TrainingHost } from '../train/host.js';
import type { RunFolder } from '../train/run-folder.js';
import type { RunCases } from './cases.js';
import { contentHash } from './content-hash.js';

const names = z.array(z.string());

const recordSchema = z.object({
  labelled: names,
  unused: names,
  validation: names,
  test: names,
  fingerprint: z.string(),
  /** What readers had to assume of images. */
  warnings: z
    .array(z.object({ file: z.string(), warnings: names.readonly() }))
    .readonly()
    .optional(),
  /** Hashes of the images that taught the network and of those that chose its checkpoint, in the order of the names. */
  images: z.object({ labelled: names, validation: names }).optional(),
});

export type DataRecord = z.output<typeof recordSchema>;

/** What a file holds as such a record; null for anything else. */
export function dataRecordIn(content: unknown): DataRecord | null {
  return recordSchema.safeParse(content).data ?? null;
}

export async function dataRecord(
  { parts, labelled }: RunCases,
  [training, validation]: readonly [training: SampleSet, validation: SampleSet | null],
  warnings: readonly FileWarnings[],
  host: Pick<TrainingHost, 'digest'>,
): Promise<DataRecord> {
  return {
    labelled: ids(labelled),
    unused: ids(parts.train.filter((one) => !labelled.includes(one))),
    validation: ids(parts.validation),
    test: ids(parts.test),
    fingerprint: await host.digest(contents([training, validation])),
    warnings,
    images: { labelled: await hashes(training), validation: validation ? await hashes(validation) : [] },
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

async function hashes(set: SampleSet): Promise<string[]> {
  const found: string[] = [];
  for (let index = 0; index < set.count; index++) found.push(await contentHash(set.sharedImage(index)));
  return found;
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
