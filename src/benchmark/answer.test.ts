import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchmarkAnswer } from './answer.js';
import type { Plan } from './plan.js';
import type { BenchmarkSummary } from './summary.js';

const plan = {
  content: { initialisations: { scratch: 'scratch', cover: 'runs/a' }, tasks: { lungs: {}, breast: {} } },
  cells: [5, 20, 80].map((cases) => ({ budget: { cases } })),
} as unknown as Plan;

const group = (task: string, initialisation: string, cases: number, value: number | null) => ({
  ...{ task, initialisation, kind: 'segmentation', budget: { cases }, main: { value } },
});
const difference = (cases: number, holm: number) => ({
  task: 'lungs',
  budget: { cases },
  a: 'cover',
  b: 'scratch',
  holm,
});
const answer = (groups: object[], differences: object[]) =>
  benchmarkAnswer(plan, { groups, differences } as unknown as BenchmarkSummary, () => 'Dice');

test('the best beginning of each task with the fewest and the most labels, and whether it is told apart', () => {
  const groups = [
    ...[group('lungs', 'scratch', 5, 0.7), group('lungs', 'cover', 5, 0.8)],
    ...[group('lungs', 'scratch', 20, 0.9), group('lungs', 'cover', 20, 0.8)],
    ...[group('lungs', 'scratch', 80, 0.95), group('lungs', 'cover', 80, 0.94)],
  ];
  assert.deepEqual(answer(groups, [difference(5, 0.004), difference(80, 0.3)]), {
    question: 'Which beginning is best, scratch or cover, on lungs and breast with 5 cases, 20 cases or 80 cases?',
    answer:
      'lungs: cover Dice 0.800, 0.100 above scratch (p 0.004 over the test cases) with 5 cases; ' +
      'scratch Dice 0.950, 0.010 above cover, not told apart (p 0.30) with 80 cases. ' +
      'breast: no cell is finished yet.',
  });
});

test('one initialisation, and none that is finished', () => {
  assert.match(answer([group('lungs', 'cover', 5, 0.8)], []).answer, /^lungs: cover Dice 0\.800 with 5 cases\. breast/);
  assert.equal(answer([], []).answer, 'No cell is finished yet.');
});
