import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../core/errors.js';
import { permutation, randomStream } from '../core/random.js';
import { close, nearest, randomLabels, reference, surfacePoints } from './fixtures.js';
import type { LabelMap } from './label-map.js';
import { scoreSegmentation, segmentationMetrics } from './segmentation.js';

interface Stored {
  readonly shape: number[];
  readonly spacing: number[];
  readonly tolerance: number;
  readonly prediction: string;
  readonly reference: string;
  readonly expected: Record<string, (number | null)[]>;
}

const classes = [1, 2].map((label) => ({ label, name: `class ${label}` }));

/** Two label maps on a random grid of two or three axes. */
const pairs = fc
  .record({ shape: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2, maxLength: 3 }), seed: fc.integer() })
  .map(({ shape, seed }) => {
    const random = randomStream(seed, 'labels');
    const spacing = shape.map(() => random.uniform(0.3, 4));
    const map = (): LabelMap => ({ data: randomLabels(shape, 4, random), shape, spacing });
    return { a: map(), b: map(), random };
  });
const runs = { numRuns: 50, seed: 2 };

test('agrees with the stored references in 2D and 3D, with anisotropic spacing and ignored voxels', () => {
  const cases = reference<Stored>('segmentation');
  assert.equal(cases.length, 24);
  cases.forEach((stored, index) => {
    const { shape, spacing, tolerance, expected } = stored;
    const map = (text: string): LabelMap => ({
      data: Uint8Array.from(text, (letter) => (letter === '-' ? 255 : Number(letter))),
      shape,
      spacing,
    });
    const scores = scoreSegmentation(`case ${index}`, map(stored.prediction), map(stored.reference), {
      classes: classes.map((entry) => ({ ...entry, tolerance })),
      ignore: 255,
    });
    for (const score of scores) {
      segmentationMetrics.forEach((metric, at) => {
        close(score[metric], expected[score.label]![at]!, `${score.case}, ${score.class}, ${metric}`);
      });
    }
  });
});

test('agrees with all pairwise distances on tiny masks', () => {
  fc.assert(
    fc.property(pairs, ({ a, b }) => {
      for (const score of scoreSegmentation('x', a, b, { classes })) {
        if (score.presence !== 'both') continue;
        const [p, r] = [surfacePoints(a, score.label), surfacePoints(b, score.label)];
        const distances = [...nearest(p, r), ...nearest(r, p)];
        close(score.assd, distances.reduce((sum, value) => sum + value, 0) / distances.length, 'ASSD', 1e-9);
        close(score.nsd, distances.filter((value) => value <= 2).length / distances.length, 'NSD', 1e-9);
        assert.ok(score.hd95! <= Math.max(...distances) + 1e-9);
      }
    }),
    runs,
  );
});

test('is symmetric, and perfect for a map and itself', () => {
  fc.assert(
    fc.property(pairs, ({ a, b }) => {
      const [there, back] = [scoreSegmentation('x', a, b, { classes }), scoreSegmentation('x', b, a, { classes })];
      there.forEach((score, index) => {
        for (const metric of segmentationMetrics) close(score[metric], back[index]![metric], metric, 1e-9);
      });
      for (const { presence, dice, iou, hd95, assd, nsd } of scoreSegmentation('x', a, a, { classes })) {
        if (presence === 'both') assert.deepEqual([dice, iou, hd95, assd, nsd], [1, 1, 0, 0, 1]);
      }
    }),
    runs,
  );
});

test('new labels in both maps change no value', () => {
  fc.assert(
    fc.property(pairs, ({ a, b, random }) => {
      const order = permutation(4, random);
      const renamed = (map: LabelMap) => ({ ...map, data: Uint8Array.from(map.data, (label) => order[label]!) });
      const before = scoreSegmentation('x', a, b, { classes });
      const after = scoreSegmentation('x', renamed(a), renamed(b), {
        classes: classes.map(({ label, name }) => ({ label: order[label]!, name })),
      });
      assert.deepEqual(
        after.map(({ label, ...rest }) => rest),
        before.map(({ label, ...rest }) => rest),
      );
    }),
    runs,
  );
});

test('a larger tolerance never lowers the NSD, and the unit of the spacing scales the distances alone', () => {
  fc.assert(
    fc.property(pairs, ({ a, b }) => {
      const at = (tolerance: number, scale = 1) => {
        const scaled = (map: LabelMap) => ({ ...map, spacing: map.spacing.map((step) => step * scale) });
        return scoreSegmentation('x', scaled(a), scaled(b), { classes: [{ label: 1, name: 'one', tolerance }] })[0]!;
      };
      const [narrow, wide, doubled] = [at(1), at(3), at(2, 2)];
      if (narrow.presence === 'neither') return;
      assert.ok(narrow.nsd! <= wide.nsd!);
      close(doubled.hd95, 2 * narrow.hd95!, 'HD95', 1e-9);
      close(doubled.assd, 2 * narrow.assd!, 'ASSD', 1e-9);
      assert.deepEqual([doubled.dice, doubled.iou, doubled.nsd], [narrow.dice, narrow.iou, narrow.nsd]);
    }),
    runs,
  );
});

test('a square that moves away gets worse by every metric, by one pixel at each step', () => {
  const shape = [20, 60];
  const square = (left: number): LabelMap => ({
    data: Uint8Array.from({ length: 1200 }, (_, index) => {
      const [row, column] = [Math.floor(index / 60), index % 60];
      return row >= 5 && row < 15 && column >= left && column < left + 10 ? 1 : 0;
    }),
    shape,
    spacing: [1, 0.5],
  });
  const one = [{ label: 1, name: 'square', tolerance: 0.5 }];
  const scores = [0, 1, 2, 3, 4].map(
    (step) => scoreSegmentation('x', square(10 + step), square(10), { classes: one })[0]!,
  );
  scores.slice(1).forEach((score, index) => {
    const before = scores[index]!;
    assert.ok(score.dice! < before.dice! && score.iou! < before.iou! && score.nsd! <= before.nsd!);
    assert.ok(score.hd95! > before.hd95! && score.assd! > before.assd!);
    close(score.hd95, 0.5 * (index + 1), 'HD95', 1e-9);
  });
});

test('a class in one map alone, in neither, and under the ignored label', () => {
  const grid = { shape: [2, 4], spacing: [3, 1] };
  const prediction = { ...grid, data: Uint8Array.of(1, 1, 0, 0, 3, 0, 0, 0) };
  const wanted = { ...grid, data: Uint8Array.of(0, 0, 2, 2, 9, 0, 0, 0) };
  const scores = scoreSegmentation('x', prediction, wanted, {
    classes: [1, 2, 3].map((label) => ({ label, name: String(label) })),
    ignore: 9,
  });
  const diagonal = Math.hypot(6, 4);
  assert.deepEqual(
    scores.map(({ presence, dice, iou, hd95, assd, nsd }) => [presence, dice, iou, hd95, assd, nsd]),
    [
      ['prediction only', 0, 0, diagonal, diagonal, 0],
      ['reference only', 0, 0, diagonal, diagonal, 0],
      ['neither', null, null, null, null, null],
    ],
  );
});

test('stored label types other than bytes are scored alike', () => {
  const grid = { shape: [2, 2], spacing: [1, 1] };
  const prediction = { ...grid, data: Float32Array.of(-1, 300, 300, 0) };
  const wanted = { ...grid, data: Int16Array.of(-1, 300, 0, 0) };
  const options = { classes: [{ label: 300, name: 'vertebra' }], ignore: -1 };
  close(scoreSegmentation('x', prediction, wanted, options)[0]!.dice, 2 / 3);
});

test('maps and classes that cannot be scored are named', () => {
  const map = (shape: number[], spacing: number[], length = shape.reduce((a, b) => a * b)) => ({
    data: new Uint8Array(length),
    shape,
    spacing,
  });
  const fails = (a: LabelMap, b: LabelMap, message: RegExp, code = 'shape', entries: object[] = classes) =>
    assert.throws(
      () => scoreSegmentation('scan-7', a, b, { classes: entries as typeof classes, ignore: 5 }),
      (error) => error instanceof InputError && error.code === code && message.test(error.message),
    );
  const good = map([2, 3], [1, 1]);
  fails(map([2, 4], [1, 1]), good, /scan-7: expected the prediction on the grid of its reference, \[2, 3\]/);
  fails(map([2, 3], [1, 1.1]), good, /found \[2, 3\] at a spacing of \[1, 1.1\]/);
  fails(map([2, 3], [1, 1], 7), good, /scan-7, prediction: expected 6 labels .* found 7/);
  fails(good, map([2, 3], [1, 0]), /scan-7, reference: expected 2 positive spacings, found \[1, 0\]/);
  fails(map([6], [1]), map([6], [1]), /expected 2 or 3 axes, found the shape \[6\]/);
  fails(good, good, /at least one class/, 'config', []);
  fails(good, good, /the label 1 is there twice/, 'config', [classes[0]!, { label: 1, name: 'again' }]);
  fails(good, good, /the name a is there twice/, 'config', [
    { label: 1, name: 'a' },
    { label: 2, name: 'a' },
  ]);
  fails(good, good, /its label 5 is the one to ignore/, 'config', [{ label: 5, name: 'void' }]);
  fails(good, good, /a tolerance of 0 mm or more, found -1/, 'config', [{ label: 1, name: 'a', tolerance: -1 }]);
});
