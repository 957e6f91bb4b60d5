/**
 * `data.json` of a run: which cases are in which part, what tells the images apart that were trained on, and a fingerprint, so that a
 * run that goes on finds the same data and an evaluation knows what it must not score as new.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import { type LabelledCase, type Samples, sharedImageOf } from '../data/labelled/index.js';
import { writeFileAtomic } from '../system/files.js';
import { contentHash } from './content-hash.js';
import type { Start } from './start.js';

const names = z.array(z.string());

const recordSchema = z.object({
  labelled: names,
  unused: names,
  validation: names,
  test: names,
  fingerprint: z.string(),
  /** Hashes of the images that taught the network and of those that chose its checkpoint, in the order of the names. */
  images: z.object({ labelled: names, validation: names }).optional(),
});

export type DataRecord = z.output<typeof recordSchema>;

/** The samples of a run. */
export interface RunSamples {
  readonly train: Samples;
  readonly validation: Samples | null;
}

/** @throws InputError ('data') when the folder's run began with other images or labels */
export async function writeDataRecord(
  folder: string,
  { parts, labelled, step }: Start,
  samples: RunSamples,
): Promise<void> {
  const record: DataRecord = {
    labelled: ids(labelled),
    unused: ids(parts.train.filter((one) => !labelled.includes(one))),
    validation: ids(parts.validation),
    test: ids(parts.test),
    fingerprint: fingerprint(samples),
    images: { labelled: await hashes(samples.train), validation: await hashes(samples.validation) },
  };
  const known = step === null ? null : readDataRecord(folder);
  if (known && known.fingerprint !== record.fingerprint) {
    throw new InputError(
      'data',
      `${folder}: expected the ${known.labelled.length} training cases that the run began with, found other images or labels`,
      `Restore what ${recordPath(folder)} lists, or begin another run.`,
    );
  }
  writeFileAtomic(recordPath(folder), `${JSON.stringify(record, null, 2)}\n`);
}

/** The record of the run in a folder; null where there is none. @throws InputError ('data') when it is damaged */
export function readDataRecord(folder: string): DataRecord | null {
  const path = recordPath(folder);
  if (!existsSync(path)) return null;
  const { success, data } = recordSchema.safeParse(parsed(readFileSync(path, 'utf8')));
  if (success) return data;
  throw new InputError(
    'data',
    `${path}: expected the record of a run's data, found a damaged file`,
    'Restore it from a copy; without it, remove it, and the parts are drawn as the configuration says.',
  );
}

function recordPath(folder: string): string {
  return join(folder, 'data.json');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ids(cases: readonly LabelledCase[]): string[] {
  return cases.map(({ id }) => id);
}

async function hashes(samples: Samples | null): Promise<string[]> {
  const found: string[] = [];
  for (const index of samples?.cases.keys() ?? []) found.push(await contentHash(sharedImageOf(samples!, index)));
  return found;
}

function fingerprint({ train, validation }: RunSamples): string {
  const hash = createHash('sha256');
  for (const samples of [train, validation]) {
    if (!samples) continue;
    for (const index of samples.cases.keys()) {
      const { buffer, byteOffset, byteLength } = sharedImageOf(samples, index).data;
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
    for (const { labels } of samples.cases) hash.update(new Uint8Array(labels.buffer));
  }
  return hash.digest('hex');
}
