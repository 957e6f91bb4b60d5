/** A run on folders of DICOM slices is the run on the same volumes as NIfTI, bit for bit. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { writeVolume } from '../image/files.js';
import { imageElements, placeElements } from '../image/formats/dicom/fixtures/images.js';
import { writeDicom } from '../image/formats/dicom/fixtures/writer.js';
import { readDicomSeries } from '../image/formats/dicom/index.js';
import { checkpointAt, cover, runFixture } from './fixtures.js';

const fixture = runFixture(3);
const PATIENTS = 6;
const [SLICES, ROWS, COLUMNS] = [20, 28, 24];

/** One series of slices with smooth, textured values; the files' names say nothing about their order. */
function writeSeries(folder: string, patient: number): void {
  mkdirSync(folder, { recursive: true });
  const random = randomStream(7, patient);
  for (let slice = 0; slice < SLICES; slice++) {
    const values = Int16Array.from({ length: ROWS * COLUMNS }, (_, place) => {
      const [y, x] = [Math.floor(place / COLUMNS), place % COLUMNS];
      return (
        200 * Math.sin((slice + patient) / 3) + 300 * Math.cos(y / 4) + 100 * Math.sin(x / 2) + random.integer(0, 50)
      );
    });
    const place = placeElements({
      position: [0, 0, 2 * slice],
      instance: slice + 1,
      spacing: [1, 1],
      uid: `1.2.${patient}.${slice}`,
    });
    const elements = imageElements({
      rows: ROWS,
      columns: COLUMNS,
      pixels: new Uint8Array(values.buffer),
      signed: true,
      more: { ...place, '0020000e': ['UI', `1.2.${patient}`] },
    });
    writeFileSync(join(folder, `${(slice * 7) % SLICES}.dcm`), writeDicom(elements));
  }
}

test('DICOM series give the checkpoint that the same volumes give as NIfTI', async () => {
  const [series, volumes] = [join(fixture.folder, 'series'), join(fixture.folder, 'nifti')];
  mkdirSync(volumes);
  for (let patient = 0; patient < PATIENTS; patient++) {
    const folder = join(series, `patient-${patient}`);
    writeSeries(folder, patient);
    writeVolume(join(volumes, `patient-${patient}.nii.gz`), await readDicomSeries(folder));
  }
  const tensorsAfter = (run: string, source: string) => {
    const [command, , ...rest] = fixture.args(run, 'schedule.steps=2', 'run.checkpointEvery=2', 'run.validateEvery=2');
    const { status, stderr } = cover(command!, source, ...rest);
    assert.equal(status, 0, stderr);
    return fixture.tensors(run, checkpointAt(2));
  };
  assert.deepEqual(tensorsAfter('from-dicom', series), tensorsAfter('from-nifti', volumes));
});
