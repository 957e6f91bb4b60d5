/** Labels read from a baseline's curve: where it reaches a score, beyond its ends, with intervals, and in words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allClose } from '../testing/all-close.js';
import type { CellResult } from './cell.js';
import { baselineOf, labelReadings, labelsFor, rangeText, readingText } from './label-efficiency.js';

test('a score is read where the curve first reaches it, over the logarithm of the labels', () => {
  const curve = [
    [1, 0.7],
    [100, 0.9],
  ] as const;
  allClose([labelsFor(0.8, curve) as number, labelsFor(0.75, curve) as number], [10, 10 ** 0.5], { absolute: 1e-9 });
  assert.deepEqual([labelsFor(0.7, curve), labelsFor(0.69, curve), labelsFor(0.91, curve)], [1, 'fewer', 'more']);
  // A curve that falls again: the first place counts.
  const wave = [
    [1, 0.5],
    [4, 0.8],
    [16, 0.6],
    [64, 0.9],
  ] as const;
  assert.equal(labelsFor(0.65, wave), 2);
  allClose([labelsFor(0.85, wave) as number], [16 * 4 ** (0.25 / 0.3)], { absolute: 1e-9 });
});

/** Cases that all differ from the mean by amounts of their own, the same in every cell. */
function cell(initialisation: string, labelled: number, mean: number, more: Partial<CellResult> = {}): CellResult {
  const cases = [-0.02, -0.01, 0, 0.01, 0.02].map((by, index) => ({ id: `c${index}`, score: mean + by }));
  return {
    ...{
      task: 'lungs',
      kind: 'segmentation',
      initialisation,
      budget: { cases: labelled },
      seed: 0,
      labelled,
      steps: 1,
    },
    ...{ best: null, metrics: { dice: mean }, unit: 'px', cases, predictions: null, worst: [] },
    ...more,
  };
}

const scratch = [cell('scratch', 1, 0.7), cell('scratch', 100, 0.9)];

test('what all cases say is read without an interval’s width; beyond the numbers tried nothing is', () => {
  const results = [...scratch, cell('cover', 1, 0.8), cell('cover', 100, 0.95), cell('worse', 1, 0.6)];
  const [first, last, worse] = labelReadings(results, 'scratch');
  allClose([first!.equals as number, first!.overCases!.low as number, first!.overCases!.high as number], [10, 10, 10], {
    absolute: 1e-6,
  });
  assert.match(readingText(first!), /^cover with 1 labelled case equals scratch with 10 \(10 over the test cases\)$/);
  assert.deepEqual([last!.equals, last!.overCases], ['more', { low: 'more', high: 'more' }]);
  assert.match(
    readingText(last!),
    /^cover with 100 labelled cases is ahead of scratch with 100 labelled cases, the most that was tried: .* cannot be read/,
  );
  assert.equal(worse!.equals, 'fewer');
  assert.match(readingText(worse!), /^worse with 1 labelled case is behind scratch with 1 labelled case, the fewest/);
});

test('cases that disagree widen the interval; what they say together is drawn from the same cases', () => {
  const scores = [0.71, 0.75, 0.8, 0.86, 0.88];
  const own = cell('cover', 1, 0.8, { cases: scores.map((score, index) => ({ id: `c${index}`, score })) });
  const [reading] = labelReadings([...scratch, own], 'scratch');
  allClose([reading!.equals as number], [10], { absolute: 1e-6 });
  const { low, high } = reading!.overCases as { low: number; high: number };
  assert.ok(low > 3 && low < 8 && high > 12 && high < 30, `${low} … ${high}`);
  // The order of the cases in a cell does not matter.
  const turned = { ...own, cases: own.cases.toReversed() };
  allClose([labelReadings([...scratch, turned], 'scratch')[0]!.equals as number], [10], { absolute: 1e-6 });
});

test('of several pretrainings the ends of Student’s interval are read', () => {
  const means = [0.79, 0.8, 0.81];
  const runs = means.map((mean, index) => cell('cover', 1, mean, { pretraining: index + 1 }));
  const [reading] = labelReadings([...scratch, ...runs], 'scratch');
  const half = (4.302653 * 0.01) / Math.sqrt(3);
  const at = (score: number) => 100 ** ((score - 0.7) / 0.2);
  const { low, high } = reading!.overPretrainings as { low: number; high: number };
  allClose([reading!.equals as number, low, high], [10, at(0.8 - half), at(0.8 + half)], { absolute: 1e-4 });
  assert.match(readingText(reading!), /equals scratch with 10 \(between 5\.6 and 18 over pretrainings\)/);
  assert.equal(rangeText({ low: 'fewer', high: 'more' }, [1, 100]), 'between fewer than 1 and more than 100');
});

test('of a classification the areas are read, and stay within the classes when cases are drawn', () => {
  const truth = [0, 0, 0, 0, 1, 1, 1, 1];
  const of = (initialisation: string, labelled: number, ofOne: readonly number[], auc: number) => {
    const cases = truth.map((_, index) => `c${index}`);
    const predictions = { cases, classes: ['no', 'yes'], probabilities: ofOne.flatMap((p) => [1 - p, p]), truth };
    return cell(initialisation, labelled, auc, { kind: 'classification', predictions, metrics: { auc } });
  };
  const results = [
    of('scratch', 4, [0.1, 0.6, 0.7, 0.8, 0.2, 0.3, 0.65, 0.9], 0.5),
    of('scratch', 64, [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9], 1),
    of('cover', 4, [0.1, 0.2, 0.6, 0.8, 0.3, 0.5, 0.7, 0.9], 0.75),
  ];
  const area = (ofOne: readonly number[]) => {
    const pairs = [0, 1, 2, 3].flatMap((no) => [4, 5, 6, 7].map((yes) => (ofOne[yes]! > ofOne[no]! ? 1 : 0)));
    return pairs.reduce<number>((sum, value) => sum + value, 0) / 16;
  };
  const [low, own] = [results[0]!, results[2]!].map(({ predictions }) =>
    area(truth.map((_, c) => predictions!.probabilities[2 * c + 1]!)),
  ) as [number, number];
  const [reading] = labelReadings(results, 'scratch');
  assert.ok(Math.abs(reading!.score - own) < 1e-12);
  allClose([reading!.equals as number], [4 * 16 ** ((own - low) / (1 - low))], { absolute: 1e-9 });
  assert.ok(reading!.overCases);
});

test('random weights are the baseline, wherever they stand; with one number of labels nothing is read', () => {
  assert.equal(baselineOf({ initialisations: { cover: 'a', scratch: 'scratch' } }), 'scratch');
  assert.equal(baselineOf({ initialisations: { cover: ['a', 'b'], mae: 'm' } }), 'cover');
  assert.deepEqual(labelReadings([scratch[0]!, cell('cover', 1, 0.8)], 'scratch'), []);
});
