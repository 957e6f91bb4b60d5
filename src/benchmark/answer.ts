/** What a benchmark was about and what came of it, in a question and a sentence for each task. */
import { inWords } from '../core/lists.js';
import type { Answer } from '../report/index.js';
import { type Budget, budgetText, type Plan } from './plan.js';
import type { BenchmarkSummary, Difference, GroupSummary } from './summary.js';
import { mainMetric, pText } from './tables.js';

/** Tasks that have a sentence; the others have their sections. */
const MOST = 4;
/** Differences with a corrected p below it are told apart. */
const LEVEL = 0.05;

/** @param metricName what a metric is called */
export function benchmarkAnswer(
  { content, cells }: Pick<Plan, 'content' | 'cells'>,
  { groups, differences }: BenchmarkSummary,
  metricName: (metric: string) => string,
): Answer {
  const names = Object.keys(content.initialisations);
  const tasks = Object.keys(content.tasks);
  const budgets = [...new Set(cells.map(({ budget }) => budgetText(budget)))];
  const which = names.length > 1 ? `Which beginning is best, ${inWords(names, 'or')}` : `How good is ${names[0]}`;
  const question = `${which}, on ${inWords(tasks.slice(0, MOST))}${tasks.length > MOST ? ' and others' : ''} with ${inWords(budgets, 'or')}?`;
  if (groups.length === 0) return { question, answer: 'No cell is finished yet.' };
  const sentences = tasks.slice(0, MOST).flatMap((task) => {
    const own = groups.filter((group) => group.task === task && group.main.value !== null);
    if (own.length === 0) return [`${task}: no cell is finished yet.`];
    const metric = metricName(mainMetric[own[0]!.kind]);
    const all = [...new Set(own.map(({ budget }) => budgetText(budget)))];
    // The fewest and the most labels; what lies between is in the table.
    const found = [...new Set([all[0]!, all.at(-1)!])].map((budget) => {
      const ranked = own.filter((group) => budgetText(group.budget) === budget).sort(byScore);
      return `${bestOf(ranked, differences, metric)} with ${budget}`;
    });
    return [`${task}: ${found.join('; ')}.`];
  });
  return { question, answer: sentences.join(' ') };
}

/** @param ranked the groups of one task and budget, the best first */
function bestOf([best, next]: readonly GroupSummary[], differences: readonly Difference[], metric: string): string {
  const score = `${best!.initialisation} ${metric} ${best!.main.value!.toFixed(3)}`;
  if (!next) return score;
  const ahead = `${score}, ${(best!.main.value! - next.main.value!).toFixed(3)} above ${next.initialisation}`;
  const pair = differences.find(
    (one) => one.task === best!.task && sameBudget(one.budget, best!.budget) && isPair(one, best!, next),
  );
  if (!pair) return ahead;
  return pair.holm < LEVEL
    ? `${ahead} (p ${pText(pair.holm)} over the test cases)`
    : `${ahead}, not told apart (p ${pair.holm.toFixed(2)})`;
}

function byScore(a: GroupSummary, b: GroupSummary): number {
  return b.main.value! - a.main.value!;
}

function sameBudget(a: Budget, b: Budget): boolean {
  return budgetText(a) === budgetText(b);
}

function isPair({ a, b }: Difference, one: GroupSummary, other: GroupSummary): boolean {
  return [a, b].sort().join() === [one.initialisation, other.initialisation].sort().join();
}
