import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../core/errors.js';
import { permutation, randomStream } from '../core/random.js';
import { calibrationError } from './calibration.js';
import { classificationReport, classMetrics, type Predictions } from './classification.js';
import { close, reference } from './fixtures.js';
import { areaUnderRoc, rankCases } from './roc.js';

interface Stored {
  readonly labels: number[];
  readonly probabilities: number[][];
  readonly expected: {
    readonly confusion: number[][];
    readonly accuracy: number;
    readonly calibrationError: number;
    readonly classes: (number | null)[][];
  };
}

const few = { resamples: 20 };
const names = (count: number, word: string) => Array.from({ length: count }, (_, index) => `${word} ${index}`);

function randomPredictions(seed: number, n = 24, k = 3): Predictions {
  const random = randomStream(seed, 'predictions');
  const rows = Array.from({ length: n }, () => {
    const weights = Array.from({ length: k }, () => random.integer(1, 9));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  });
  const truth = Array.from({ length: n }, (_, index) => (index < k ? index : random.integer(0, k)));
  return { cases: names(n, 'case'), classes: names(k, 'class'), probabilities: rows.flat(), truth };
}

test('agrees with the stored references, with ties and absent classes', () => {
  for (const { labels, probabilities, expected } of reference<Stored>('classification')) {
    const k = probabilities[0]!.length;
    const report = classificationReport(
      {
        cases: names(labels.length, 'case'),
        classes: names(k, 'class'),
        probabilities: probabilities.flat(),
        truth: labels,
      },
      few,
    );
    assert.deepEqual(report.confusion, expected.confusion);
    close(report.accuracy.value, expected.accuracy, 'accuracy');
    close(report.calibrationError.value, expected.calibrationError, 'calibration error');
    classMetrics.forEach((metric, index) => {
      const values = expected.classes.map((row) => row[index] ?? null);
      report.classes.forEach((row, at) => {
        close(row.values[metric].value, values[at] ?? null, `${row.class}, ${metric}`);
      });
      const defined = values.filter((value) => value !== null);
      const macro = defined.length < k ? null : defined.reduce((sum, value) => sum + value, 0) / k;
      close(report.macro[metric].value, macro, `macro ${metric}`);
    });
  }
});

test('the area counts pairs, a tie as one half; inverted scores give the rest of it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 12 }), (rows) => {
      const scores = rows.map(([score]) => score);
      const positive = (index: number) => rows[index]![1];
      let [won, all] = [0, 0];
      for (const [high, isPositive] of rows) {
        for (const [low, isAlso] of rows) {
          if (!isPositive || isAlso) continue;
          won += high > low ? 1 : high === low ? 0.5 : 0;
          all++;
        }
      }
      const area = areaUnderRoc(rankCases(scores), positive);
      if (all === 0) return assert.ok(Number.isNaN(area));
      close(area, won / all, 'area', 1e-12);
      const inverted = scores.map((score) => -score);
      close(areaUnderRoc(rankCases(inverted), positive), 1 - area, 'inverted', 1e-12);
    }),
    { seed: 3 },
  );
});

test('a case that counts twice is the same as the case twice', () => {
  const [scores, labels, counts] = [
    [0.1, 0.5, 0.5, 0.8],
    [0, 1, 0, 1],
    [2, 1, 0, 3],
  ];
  const spread = counts.flatMap((count, index) => new Array<number>(count).fill(index));
  const repeated = rankCases(spread.map((index) => scores[index]!));
  close(
    areaUnderRoc(rankCases(scores), (index) => labels[index] === 1, counts),
    areaUnderRoc(repeated, (at) => labels[spread[at]!] === 1),
  );
});

test('the order of the classes changes no value', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const before = randomPredictions(seed);
      const order = permutation(3, randomStream(seed, 'order'));
      const after: Predictions = {
        ...before,
        classes: order.map((from) => before.classes[from]!),
        probabilities: before.cases.flatMap((_, row) => order.map((from) => before.probabilities[row * 3 + from]!)),
        truth: Array.from(before.truth, (label) => order.indexOf(label)),
      };
      const [a, b] = [classificationReport(before, few), classificationReport(after, few)];
      for (const row of a.classes) {
        const same = b.classes.find((other) => other.class === row.class)!;
        close(same.values.auc.value, row.values.auc.value, 'AUC', 1e-12);
      }
      close(b.macro.auc.value, a.macro.auc.value, 'macro AUC', 1e-12);
    }),
    { numRuns: 20, seed: 4 },
  );
});

test('perfect predictions: every rate is 1, the calibration error is what confidence lacks', () => {
  const truth = [0, 1, 2, 0, 1, 2];
  const probabilities = truth.flatMap((label) => [0, 1, 2].map((column) => (column === label ? 0.8 : 0.1)));
  const report = classificationReport({ cases: names(6, 'case'), classes: ['a', 'b', 'c'], probabilities, truth }, few);
  assert.equal(report.accuracy.value, 1);
  for (const metric of classMetrics) assert.equal(report.macro[metric].value, 1);
  close(report.calibrationError.value, 0.2);
});

test('bins of the calibration error are closed above', () => {
  close(calibrationError([0.5, 0.5000001], [true, false], undefined, 2), (0.5 + 0.5000001) / 2);
  close(calibrationError([0, 1], [false, true]), 0);
});

test('intervals lie around the values, and resamples keep every class', () => {
  const report = classificationReport(randomPredictions(11, 60), { resamples: 200 });
  for (const row of report.classes) {
    const { value, low, high } = row.values.auc;
    assert.ok(low! <= value! && value! <= high! && low! < high!);
  }
  assert.ok(report.accuracy.low! <= report.accuracy.value! && report.accuracy.value! <= report.accuracy.high!);
});

test('predictions that cannot be scored are named', () => {
  const good = randomPredictions(5, 4, 2);
  const fails = (change: Partial<Predictions>, message: RegExp) =>
    assert.throws(
      () => classificationReport({ ...good, ...change }, few),
      (error) => error instanceof InputError && message.test(error.message),
    );
  fails({ truth: [0, 1, 2, 0] }, /case 2: expected a true class from 0 to 1, found 2/);
  fails({ truth: [0] }, /expected 4 × 2 probabilities and 4 true classes, found 8 and 1/);
  fails(
    { probabilities: [3, -2, 1, 0, 1, 0, 1, 0] },
    /case 0: expected probabilities from 0 to 1, found 3 for class 0/,
  );
  fails({ probabilities: [1, 0, 1, 1, 1, 0, 1, 0] }, /case 1: expected probabilities that sum to 1, found a sum of 2/);
  fails({ classes: ['only'] }, /two classes, found 4 and 1/);
});
