/**
 * `report.html` of a benchmark, one page with everything inside, and for other programs `results.csv`, `summary.csv`,
 * `results.json` and the curve of each task as `labels-TASK.svg`.
 */
import { join } from 'node:path';
import { groupBy } from '../core/group-by.js';
import { inWords } from '../core/lists.js';
import { type Answer, answerOf, escapeText, htmlPage, summaryOf } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { benchmarkAnswer } from './answer.js';
import type { CellResult } from './cell.js';
import { baselineOf, type LabelReading, labelReadings, readingText } from './label-efficiency.js';
import type { Cell, Plan } from './plan.js';
import { cellsCsv, groupsCsv } from './results-csv.js';
import { seenInResults } from './seen.js';
import { summarise } from './summary.js';
import { taskSection, titles } from './task-section.js';
import { type NotedUnfinished, notedText } from './unfinished.js';

/** What a reader should know of the cells beside their results. */
interface Trouble {
  readonly failures: readonly { readonly cell: Cell; readonly message: string }[];
  readonly unfinished: readonly NotedUnfinished[];
}

/** Writes the files and returns the path of the page. */
export function writeBenchmarkReport(
  folder: string,
  plan: Plan,
  results: readonly CellResult[],
  { failures, unfinished }: Trouble,
): string {
  const { content, cells } = plan;
  const summary = summarise(results, Object.keys(content.initialisations));
  const readings = labelReadings(results, baselineOf(content));
  writeFileAtomic(join(folder, 'results.csv'), cellsCsv(results));
  writeFileAtomic(join(folder, 'summary.csv'), groupsCsv(summary.groups));
  const failed = failures.map(({ cell, message }) => ({ cell: cell.folder, message }));
  const cases = results.map(({ predictions, contents, ...result }) => result);
  writeFileAtomic(
    join(folder, 'results.json'),
    `${JSON.stringify({ plan: content, cells: cells.length, ...summary, labels: readings, results: cases, failures: failed, unfinished }, null, 2)}\n`,
  );
  const path = join(folder, 'report.html');
  const tiles = {
    cells: `${results.length} of ${cells.length} finished`,
    initialisations: Object.entries(content.initialisations)
      .map(([name, from]) =>
        typeof from === 'string' || from.length < 2 ? name : `${name} (${from.length} pretrainings)`,
      )
      .join(', '),
    seeds: content.seeds.join(', '),
    ...(failures.length > 0 ? { failed: failures.length } : {}),
  };
  const tasks = Object.keys(content.tasks).map((task) => taskSection(folder, task, plan, results, summary, readings));
  const trouble = failures.map(
    ({ cell, message }) => `<p><b>${escapeText(cell.folder)}</b> ${escapeText(message)}</p>`,
  );
  const answer = labelsAnswer(readings) ?? benchmarkAnswer(plan, summary, (metric) => titles[metric]![0]);
  const body = [
    answerOf(qualified(answer, unfinished)),
    ...unfinished.map(
      (one) => `<p><b>Not ${one.untrained ? 'trained' : 'finished'}</b> ${escapeText(notedText(one))}</p>`,
    ),
    ...seenInResults(results).map((note) => `<p><b>Seen before</b> ${escapeText(note)}</p>`),
    '<h2>In numbers</h2>',
    summaryOf(tiles),
    ...tasks,
    trouble.length > 0 ? `<h2>Failed</h2>\n${trouble.join('\n')}` : '',
    `<h2>How to read it</h2>\n${explanation}`,
  ];
  writeFileAtomic(path, htmlPage(content.title, body.filter(Boolean).join('\n')));
  return path;
}

/** An answer about a pretraining whose weights are untrained says so itself. */
function qualified(answer: Answer, unfinished: readonly NotedUnfinished[]): Answer {
  const names = [...new Set(unfinished.flatMap(({ untrained, initialisation }) => (untrained ? initialisation : [])))];
  if (names.length === 0) return answer;
  const caution = `This says nothing of a pretraining in ${inWords(names)}: these cells began with weights of step 0.`;
  return { ...answer, answer: `${answer.answer} ${caution}` };
}

const explanation = [
  'Mean ± sample standard deviation are over the runs: the seeds, which draw the labelled cases, the head and the augmentation, of',
  'every pretraining. The interval over cases is the 95 % bootstrap interval over the test cases of the mean over the runs; it holds for',
  'these runs. Where a method has several pretrainings, the interval over pretrainings is that of Student’s t, with the pretrainings as',
  'what was drawn; of a difference of two such methods that of Welch. It holds for these test cases and seeds, and a method with one',
  'pretraining stands for itself. Differences are paired: the same cases, seeds and labelled cases. p is from the two-sided Wilcoxon',
  'signed-rank test over the cases (of a classification over the probabilities of the true class); p (Holm) is corrected for the number',
  'of differences on this page. Few cases cannot give a small p. Labels that a method is worth are read from the baseline’s curve, a',
  'straight line between two numbers of labels on this scale, where it first reaches the method’s score; nothing is read beyond the',
  'numbers that were tried. Over cases, both curves are drawn again from the same cases; over pretrainings, the ends of the',
  'method’s interval are read from the baseline’s curve, which counts as known.',
].join('\n');

/** What a pretraining saves: of each task the method that is best with the fewest labels. */
function labelsAnswer(readings: readonly LabelReading[]): Answer | null {
  if (readings.length === 0) return null;
  const best = [...groupBy(readings, ({ task }) => task).values()].map((own) => {
    const fewest = Math.min(...own.map(({ labelled }) => labelled));
    return own.filter(({ labelled }) => labelled === fewest).reduce((a, b) => (b.score > a.score ? b : a));
  });
  const alone = best.length === 1;
  return {
    question: 'How many labels does a pretraining save?',
    answer: best.map((reading) => `${alone ? '' : `${reading.task}: `}${readingText(reading)}.`).join(' '),
  };
}
