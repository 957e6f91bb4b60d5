import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareScores } from './compare-scores.js';
import { close, reference } from './fixtures.js';
import { comparePaired, pairedText } from './paired.js';
import type { CaseScore } from './segmentation.js';
import { exactPairs, signedRank } from './wilcoxon.js';

interface Stored {
  readonly differences: number[];
  readonly statistic: number;
  readonly p: number;
}

test('the exact test agrees with the enumeration of all signs, with ties and zeros', () => {
  for (const { differences, statistic, p } of reference<Stored>('wilcoxon')) {
    const found = signedRank(differences);
    assert.equal(found.method, 'exact');
    close(found.statistic, statistic, 'statistic', 0);
    close(found.p, p, 'p', 1e-12);
  }
});

test('swapping the methods changes no p, and scaling the differences changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 30 }), (differences) => {
      const { p, statistic } = signedRank(differences);
      close(signedRank(differences.map((difference) => -difference)).p, p, 'swapped', 1e-12);
      const scaled = signedRank(differences.map((difference) => difference * 8));
      assert.deepEqual([scaled.p, scaled.statistic], [p, statistic]);
      assert.ok(p >= 0 && p <= 1);
    }),
    { seed: 5 },
  );
});

test('the last exact value, by counting in whole numbers, and the normal approximation beyond it', () => {
  const signed = (count: number, positive: (rank: number) => boolean) =>
    Array.from({ length: count }, (_, index) => (positive(index + 1) ? index + 1 : -index - 1));
  const middle = signedRank(signed(250, (rank) => [0, 2, 3, 5, 6].includes(rank % 9)));
  assert.deepEqual([middle.statistic, middle.method], [17458, 'normal']);
  close(middle.p / 0.12198108026085247, 1, 'middle', 1e-9);
  close(signedRank(signed(250, (rank) => rank % 3 !== 0)).p / 4.906135136971696e-6, 1, 'low', 1e-9);
  close(signedRank(signed(300, () => true)).p / 6.11413685930424e-51, 1, 'tail', 1e-9);
  const last = signedRank(signed(exactPairs, (rank) => rank % 7 < 4));
  assert.deepEqual([last.statistic, last.method], [11542, 'exact']);
  close(last.p / 0.06871154051867558, 1, 'last exact', 1e-9);
});

test('a comparison of cases, without those that are undefined in one method', () => {
  const a = [0.9, 0.8, null, 0.7, 0.95];
  const b = [0.85, 0.8, 0.5, 0.6, null];
  const found = comparePaired(a, b, { seed: 1 });
  close(found.meanA, 0.8);
  close(found.meanB, 0.75);
  close(found.difference.value, 0.05);
  assert.deepEqual([found.greaterA, found.greaterB, found.equal, found.leftOut], [2, 0, 1, 2]);
  assert.equal(found.test.p, 0.5);
  assert.ok(found.difference.low! <= 0.05 && found.difference.high! >= 0.05);
  assert.equal(
    pairedText(comparePaired([0.9, 0.9, null], [0.8, 0.8, 1])),
    '0.900 - 0.800 = +0.100 [0.100, 0.100], p = 0.500, 2 cases, 1 left out',
  );
});

test('differences that are equal but for rounding are ties', () => {
  assert.equal(comparePaired([0.91, 0.3, 0.5], [0.89, 0.32, 0.5]).test.statistic, 1.5);
  assert.equal(comparePaired([0.1 + 0.2], [0.3]).equal, 1);
});

test('lists that cannot be compared are named', () => {
  assert.throws(() => comparePaired([1], [1, 2]), /the same cases of both methods, found 1 and 2/);
  assert.throws(() => comparePaired([1, Number.NaN], [1, 2]), /case 1: expected two finite values, found NaN and 2/);
  assert.equal(pairedText(comparePaired([null], [1])), 'no case to compare');
});

test('scores are matched by the names of the cases', () => {
  const rows = (values: Record<string, number | null>) =>
    Object.entries(values).map(
      ([id, dice]): CaseScore => ({
        case: id,
        class: 'lung',
        label: 1,
        presence: 'both',
        predictedVoxels: 1,
        referenceVoxels: 1,
        tolerance: 2,
        dice,
        iou: null,
        hd95: null,
        assd: null,
        nsd: null,
      }),
    );
  const a = rows({ x: 0.9, y: 0.8, z: null });
  const found = compareScores(a, rows({ z: 0.1, y: 0.7, x: 0.7 }), 'lung', 'dice');
  close(found.difference.value, 0.15);
  assert.equal(found.leftOut, 1);
  assert.throws(() => compareScores(a, rows({ x: 1, y: 1 }), 'lung', 'dice'), /the case z has no lung in the second/);
  assert.throws(
    () => compareScores(rows({ x: 1 }), rows({ x: 1, w: 1 }), 'lung', 'dice'),
    /w has no lung in the first/,
  );
  assert.throws(() => compareScores(a, a, 'liver', 'dice'), /found liver\n {2}The classes are lung/);
});
