import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { allClose } from '../../../testing/all-close.js';
import { spacingOf, type Volume } from '../../volume.js';
import { type ImageOptions, imageElements, placeElements, type SliceOptions } from './fixtures/images.js';
import { type Elements, writeDicom } from './fixtures/writer.js';
import { listDicomSeries } from './list-series.js';
import { readDicomSeries } from './read-series.js';

const root = mkdtempSync(join(tmpdir(), 'cover-dicom-series-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

const ROWS = 3;
const COLUMNS = 4;

/** The elements of a slice whose values are all `value`. */
function slice(value: number, place: SliceOptions, more: Elements = {}, options: Partial<ImageOptions> = {}): Elements {
  const pixels = Uint8Array.from(Buffer.from(Int16Array.from({ length: ROWS * COLUMNS }, () => value).buffer));
  const image = { rows: ROWS, columns: COLUMNS, pixels, signed: true, ...options };
  return imageElements({ ...image, more: { ...placeElements(place), ...more } });
}

/** Writes files into a new folder; a name may lie in a folder inside of it. */
function study(files: readonly (readonly [string, Uint8Array])[]): string {
  const folder = join(root, String(folders++));
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes);
  }
  return folder;
}

function stack(heights: readonly number[], more: (index: number) => Elements = () => ({})): string {
  return study(
    heights.map((height, index) => [
      `${index}.dcm`,
      writeDicom(slice(index, { position: [0, 0, height], instance: index + 1 }, more(index))),
    ]),
  );
}

const valuesOf = (volume: Volume) =>
  Array.from({ length: volume.shape[0] }, (_, z) => volume.data[z * volume.shape[1] * volume.shape[2]]!);

test('slices are put in order by their place, whatever their names and numbers; other files are counted', async () => {
  const folder = study([
    ['b/z.dcm', writeDicom(slice(30, { position: [1, 2, 9], instance: 1, spacing: [0.5, 0.25] }))],
    ['a/y', writeDicom(slice(10, { position: [1, 2, 5], instance: 3, spacing: [0.5, 0.25] }))],
    ['x.ima', writeDicom(slice(20, { position: [1, 2, 7], instance: 2, spacing: [0.5, 0.25] }))],
    ['notes.txt', Buffer.from('nothing')],
    ['plan.dcm', writeDicom({ '00080060': ['CS', 'RTPLAN'] })],
  ]);
  const { series, skipped } = await listDicomSeries(folder);
  assert.deepEqual([series.length, skipped.length], [1, 2]);
  assert.deepEqual(skipped.map(({ reason }) => reason).sort(), ['a DICOM object without pixels', 'no DICOM file']);
  const volume = await readDicomSeries(folder);
  assert.deepEqual(
    [volume.shape, valuesOf(volume)],
    [
      [3, ROWS, COLUMNS],
      [10, 20, 30],
    ],
  );
  assert.deepEqual(volume.affine, [-0.25, 0, 0, -1, 0, -0.5, 0, -2, 0, 0, 2, 5, 0, 0, 0, 1]);
  assert.deepEqual([spacingOf(volume), volume.warnings], [[2, 0.5, 0.25], []]);
  assert.ok(volume.data instanceof Int16Array);
});

test('a CT has Hounsfield units; scales that differ give real values', async () => {
  const scale = (slope: string): Elements => ({
    '00080060': ['CS', 'CT'],
    '00281052': ['DS', '-1000'],
    '00281053': ['DS', slope],
  });
  const ct = await readDicomSeries(stack([0, 1, 2], () => scale('1')));
  assert.deepEqual([ct.modality, ct.slope, ct.intercept, valuesOf(ct)], ['CT', 1, -1000, [0, 1, 2]]);
  const bare = await readDicomSeries(stack([0, 1], () => ({ '00080060': ['CS', 'CT'] })));
  assert.deepEqual([bare.modality, bare.warnings], ['other', ['a CT whose rescale does not give Hounsfield units']]);
  const mixed = await readDicomSeries(stack([0, 1, 2], (index) => scale(String(index + 1))));
  assert.ok(mixed.data instanceof Float32Array);
  assert.deepEqual([mixed.slope, mixed.intercept, valuesOf(mixed)], [1, 0, [-1000, -998, -994]]);
});

test('gaps, uneven steps and shear are told; copies are left out', async () => {
  const gap = await readDicomSeries(stack([0, 2, 4, 10, 12]));
  assert.match(
    gap.warnings.join(),
    /1 gap between slices \(6 mm behind slice 2; the usual step is 2 mm\): about 2 missing/,
  );
  assert.equal(spacingOf(gap)[0], 2);
  assert.match(
    (await readDicomSeries(stack([0, 2, 4.4, 6.4]))).warnings.join(),
    /from 2 to 2\.4 mm: the median of 2 mm/,
  );
  const tilted = study(
    [0, 1, 2].map((index) => [
      `${index}`,
      writeDicom(slice(index, { position: [0, index * 0.5, index], instance: index })),
    ]),
  );
  const sheared = await readDicomSeries(tilted);
  assert.match(sheared.warnings.join(), /sheared by 26\.6°/);
  assert.deepEqual(sheared.affine.slice(4, 8), [0, -1, -0.5, 0]);
  const one = writeDicom(slice(1, { position: [0, 0, 1], instance: 1 }));
  const copies = study([
    ['a', one],
    ['copy of a', one],
    ['b', writeDicom(slice(2, { position: [0, 0, 2], instance: 2 }))],
  ]);
  const volume = await readDicomSeries(copies);
  assert.deepEqual([volume.shape[0], valuesOf(volume)], [2, [1, 2]]);
  assert.match(volume.warnings.join(), /copies of other slices .* left out: 1/);
});

test('echoes that share their places are volumes of their own; what nothing tells apart is refused', async () => {
  const twice = (mark: (echo: number) => Elements) =>
    study(
      [0, 1, 2, 3].map((index) => {
        const place = { position: [0, 0, index >> 1], instance: index + 1 };
        return [`${index}`, writeDicom(slice(index, place, mark(index & 1)))];
      }),
    );
  const { series } = await listDicomSeries(twice((echo) => ({ '00180086': ['IS', String(echo)] })));
  assert.deepEqual(
    series.map(({ description }) => description),
    ['echo 0', 'echo 1'],
  );
  assert.deepEqual(valuesOf(await readDicomSeries(series[1]!)), [1, 3]);
  await assert.rejects(readDicomSeries(twice(() => ({}))), /2 slices lie at the place of another one/);
});

test('other orientations and extents in one series are volumes of their own', async () => {
  const folder = study([
    ['1', writeDicom(slice(1, { position: [0, 0, 0], instance: 1 }))],
    ['2', writeDicom(slice(2, { position: [0, 0, 1], instance: 2 }))],
    ['3', writeDicom(slice(3, { position: [0, 0, 0], instance: 3, orientation: [0, 1, 0, 0, 0, -1] }))],
  ]);
  const { series } = await listDicomSeries(folder);
  assert.deepEqual(
    series.map(({ shape }) => shape[0]),
    [2, 1],
  );
  assert.match(series[0]!.warnings.join(), /2 geometries/);
  await assert.rejects(readDicomSeries(folder), /expected one DICOM series, found 2: .*OT, 2 × 3 × 4/);
});

test('slices without a place make no volume', async () => {
  const without = (tag: string) => {
    const { [tag]: _, ...rest } = slice(1, { position: [0, 0, 0], instance: 1 });
    return study([['a', writeDicom(rest)]]);
  };
  await assert.rejects(readDicomSeries(without('00200032')), /no position \(0020,0032\)/);
  await assert.rejects(readDicomSeries(without('00200037')), /no valid orientation/);
  await assert.rejects(readDicomSeries(without('00280030')), /no pixel spacing/);
  await assert.rejects(readDicomSeries(join(root, 'nowhere')), { code: 'file', message: /expected a folder/ });
  await assert.rejects(
    readDicomSeries(study([['a', Buffer.from('text')]])),
    /expected one DICOM series, found none \(1 other/,
  );
});

test('padding, MONOCHROME1 and a cut slice', async () => {
  const padded = await readDicomSeries(
    study(
      [-2000, 100, 900].map((value, index) => {
        const more = { '00280120': ['SS', [-2000]] } as const;
        return [`${index}`, writeDicom(slice(value, { position: [0, 0, index], instance: index }, more))];
      }),
    ),
  );
  assert.deepEqual(valuesOf(padded), [100, 100, 900]);
  assert.match(padded.warnings.join(), /padding was set to the lowest value of the others \(100\) \(1 slice\)/);
  const inverted = await readDicomSeries(
    study([['a', writeDicom(slice(-5, { position: [0, 0, 0], instance: 1 }, {}, { photometric: 'MONOCHROME1' }))]]),
  );
  assert.deepEqual([valuesOf(inverted), inverted.warnings.length], [[4], 2]);
  const whole = writeDicom(slice(1, { position: [0, 0, 0], instance: 1 }));
  await assert.rejects(
    readDicomSeries(study([['cut', whole.subarray(0, -3)]])),
    /cut: expected 24 bytes of pixels, found 21/,
  );
});

test('an enhanced file: positions, orientation and scale from its functional groups', async () => {
  const heights = [4, 0, 2];
  const own = heights.map(
    (height): Elements => ({
      '00209113': ['SQ', [{ '00200032': ['DS', `0\\0\\${height}`] }]],
      '00289145': ['SQ', [{ '00281052': ['DS', '-10'], '00281053': ['DS', '3'] }]],
    }),
  );
  const shared: Elements = {
    '00209116': ['SQ', [{ '00200037': ['DS', '1\\0\\0\\0\\1\\0'] }]],
    '00289110': ['SQ', [{ '00280030': ['DS', '0.5\\0.5'] }]],
  };
  const pixels = Uint8Array.from({ length: 3 * ROWS * COLUMNS }, (_, at) => Math.floor(at / (ROWS * COLUMNS)));
  const more: Elements = { '00280008': ['IS', '3'], '52009229': ['SQ', [shared]], '52009230': ['SQ', own] };
  const image = imageElements({ rows: ROWS, columns: COLUMNS, pixels, allocated: 8, more });
  for (const syntax of ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1']) {
    const volume = await readDicomSeries(study([['enhanced', writeDicom(image, { syntax })]]));
    assert.deepEqual(
      [volume.shape, valuesOf(volume)],
      [
        [3, ROWS, COLUMNS],
        [1, 2, 0],
      ],
    );
    assert.deepEqual([volume.slope, volume.intercept, spacingOf(volume)], [3, -10, [2, 0.5, 0.5]]);
  }
  const { '52009230': _, ...film } = image;
  await assert.rejects(readDicomSeries(study([['film', writeDicom(film)]])), /no position/);
});

test('more frames than the file can hold are refused before anything is allocated', async () => {
  const liar = slice(1, { position: [0, 0, 0], instance: 1 }, { '00280008': ['IS', '999999999'] });
  const { series, skipped } = await listDicomSeries(study([['liar', writeDicom(liar)]]));
  assert.deepEqual([series.length, skipped[0]?.reason], [0, skipped[0]?.reason]);
  assert.match(skipped[0]!.reason, /expected 999999999 frames, found a file of/);
  const wide = slice(
    1,
    { position: [0, 0, 0], instance: 1 },
    { '00280010': ['US', [60000]], '00280011': ['US', [60000]] },
  );
  await assert.rejects(
    readDicomSeries(study([['wide', writeDicom(wide)]])),
    /expected 60000 × 60000 pixels, found \d+ bytes/,
  );
});

test('the affine takes every voxel to its place in RAS, for any rotation', async () => {
  const angles = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -3, max: 3, noNaN: true })));
  await fc.assert(
    fc.asyncProperty(angles, async ([a, b, c]) => {
      const rotation = rotate(a!, b!, c!);
      const [row, column, normal] = [0, 1, 2].map((axis) => rotation.map((line) => line[axis]!)) as [
        number[],
        number[],
        number[],
      ];
      const place = (z: number) => [5, -7, 11].map((origin, axis) => origin + normal[axis]! * 1.5 * z);
      const folder = study(
        [2, 0, 1].map((z) => {
          const at = {
            position: place(z),
            orientation: [...row, ...column],
            spacing: [0.5, 0.75] as const,
            instance: z,
          };
          return [`${z}`, writeDicom(slice(z, at))];
        }),
      );
      const { affine, ...volume } = await readDicomSeries(folder);
      assert.deepEqual(valuesOf({ affine, ...volume }), [0, 1, 2]);
      const [x, y, z] = [3, 2, 2];
      const lps = place(z).map((value, axis) => value + row[axis]! * 0.75 * x + column[axis]! * 0.5 * y);
      const ras = [0, 1, 2].map((axis) => {
        const line = affine.slice(4 * axis, 4 * axis + 4);
        return line[0]! * x + line[1]! * y + line[2]! * z + line[3]!;
      });
      allClose(ras, [-lps[0]!, -lps[1]!, lps[2]!], { absolute: 1e-4 });
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 25, seed: 3 },
  );
});

/** A rotation about the three axes, row by row. */
function rotate(a: number, b: number, c: number): number[][] {
  const [sa, ca, sb, cb, sc, cc] = [Math.sin(a), Math.cos(a), Math.sin(b), Math.cos(b), Math.sin(c), Math.cos(c)];
  return [
    [cb * cc, sa * sb * cc - ca * sc, ca * sb * cc + sa * sc],
    [cb * sc, sa * sb * sc + ca * cc, ca * sb * sc - sa * cc],
    [-sb, sa * cb, ca * cb],
  ];
}

test('frames of a dose lie where its grid frame offsets say: from the first frame, or in the patient', async () => {
  const dose = (offsets: string, orientation: readonly number[] = [1, 0, 0, 0, 1, 0]) => {
    const pixels = new Uint8Array(
      Uint32Array.from({ length: 3 * ROWS * COLUMNS }, (_, at) => Math.floor(at / 12) * 10).buffer,
    );
    const place = placeElements({ position: [5, 6, -70], orientation, spacing: [2, 3], instance: 1 });
    const more = {
      ...place,
      '00080060': ['CS', 'RTDOSE'],
      '00280008': ['IS', '3'],
      '3004000c': ['DS', offsets],
      '3004000e': ['DS', '0.5'],
    } as const;
    return study([
      ['dose.dcm', writeDicom(imageElements({ rows: ROWS, columns: COLUMNS, pixels, allocated: 32, more }))],
    ]);
  };
  const relative = await readDicomSeries(dose('0\\4\\8'));
  assert.deepEqual([relative.shape, spacingOf(relative), relative.slope], [[3, ROWS, COLUMNS], [4, 2, 3], 0.5]);
  assert.deepEqual([relative.affine[3], relative.affine[7], relative.affine[11]], [-5, -6, -70]);
  assert.deepEqual(valuesOf(relative), [0, 10, 20]);
  const absolute = await readDicomSeries(dose('-70\\-66\\-62'));
  assert.deepEqual(absolute.affine, relative.affine);
  assert.deepEqual(valuesOf(absolute), [0, 10, 20]);

  // Frames that go down, and a normal that does.
  const down = await readDicomSeries(dose('0\\-4\\-8'));
  assert.deepEqual([down.affine[11], valuesOf(down)], [-78, [20, 10, 0]]);
  const turned = [1, 0, 0, 0, -1, 0];
  const below = await readDicomSeries(dose('0\\4\\8', turned));
  assert.deepEqual([below.affine[11], below.affine[10], valuesOf(below)], [-70, -4, [0, 10, 20]]);
  const listed = await readDicomSeries(dose('-70\\-74\\-78', turned));
  assert.deepEqual(listed.affine, below.affine);

  const coronal = [1, 0, 0, 0, 0, -1];
  for (const [offsets, found, orientation] of [
    ['3\\7\\11', /begin with 0, or of axial frames with the z of the first, found 3/],
    ['-70\\-66\\-62', /begin with 0/, coronal],
    ['0\\4', /expected 3 grid frame offsets .*, found 2/],
    ['0\\4\\8\\12', /expected 3 grid frame offsets .*, found 4/],
    ['0\\x\\8', /expected 3 grid frame offsets .*, found '0\\x\\8'/],
  ] as const) {
    const { series, skipped } = await listDicomSeries(dose(offsets, orientation));
    assert.deepEqual(series, []);
    assert.match(skipped[0]!.reason, found);
  }
});
