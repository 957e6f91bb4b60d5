/** `data.json` of a run: which cases are in which part, and a fingerprint, so that a run that goes on finds the same data. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { type LabelledCase, type Samples, sharedImageOf } from '../data/labelled/index.js';
import { writeFileAtomic } from '../system/files.js';
import type { Start } from './start.js';

/** The samples of a run. */
export interface RunSamples {
  readonly train: Samples;
  readonly validation: Samples | null;
}

/** @throws InputError ('data') when the folder's run began with other images or labels */
export function writeDataRecord(folder: string, { parts, labelled, step }: Start, samples: RunSamples): void {
  const path = join(folder, 'data.json');
  const record = {
    labelled: ids(labelled),
    unused: ids(parts.train.filter((one) => !labelled.includes(one))),
    validation: ids(parts.validation),
    test: ids(parts.test),
    fingerprint: fingerprint(samples),
  };
  if (step !== null && existsSync(path)) {
    const known = JSON.parse(readFileSync(path, 'utf8')) as typeof record;
    if (known.fingerprint !== record.fingerprint) {
      throw new InputError(
        'data',
        `${folder}: expected the ${known.labelled.length} training cases that the run began with, found other images or labels`,
        `Restore what ${path} lists, or begin another run.`,
      );
    }
  }
  writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
}

function ids(cases: readonly LabelledCase[]): string[] {
  return cases.map(({ id }) => id);
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
