/**
 * `data.json` of a run: the files in use and what is to be told of them, those left out with reasons, and a fingerprint
 * of the images' contents. An image that a run goes on without would change every batch, so a run that goes on must
 * find the same images.
 */
import { InputError } from '../core/errors.js';
import type { PassedOver } from '../data/passed-over.js';
import type { FileWarnings } from '../data/warnings.js';
import type { TrainingHost } from '../train/host.js';
import type { RunFolder } from '../train/run-folder.js';
import type { RunImages } from './host.js';

export interface DataRecord {
  readonly training: readonly string[];
  readonly validation: readonly string[];
  readonly leftOut: readonly { readonly file: string; readonly state: string; readonly reason: string }[];
  /** Absent in the runs of earlier versions. */
  readonly warnings?: readonly FileWarnings[];
  readonly notImages: readonly PassedOver[];
  readonly fingerprint: string;
}

export async function dataRecord(images: RunImages, host: Pick<TrainingHost, 'digest'>): Promise<DataRecord> {
  const { train, validation, leftOut } = images;
  const contents = [train, validation].map((set) => new TextEncoder().encode(JSON.stringify(set?.contents ?? [])));
  return {
    training: train.files,
    validation: validation?.files ?? [],
    leftOut: leftOut.map(({ file, state, reason }) => ({ file, state, reason })),
    warnings: images.warned,
    notImages: images.notImages,
    fingerprint: await host.digest(contents),
  };
}

/** @throws InputError ('data') when the images are not those that the run began with */
export async function checkSameData(run: RunFolder, record: DataRecord): Promise<void> {
  const known = await run.record<DataRecord>('data');
  if (!known || known.fingerprint === record.fingerprint) return;
  throw new InputError(
    'data',
    `${run.name}: expected the ${known.training.length} training images that the run began with, found ` +
      `${record.training.length} or other contents`,
    `Restore the files that ${run.recordPath('data')} lists, or begin another run with --init-from ${run.name}.`,
  );
}
