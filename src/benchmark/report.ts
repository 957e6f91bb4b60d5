/**
 * `report.html` of a benchmark, one page with everything inside, and for other programs `results.csv`, `summary.csv`,
 * `results.json` and the curve of each task as `labels-TASK.svg`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupBy } from '../core/group-by.js';
import { inWords } from '../core/lists.js';
import { csv } from '../metrics/csv.js';
import {
  type Answer,
  answerOf,
  escapeText,
  htmlPage,
  htmlTable,
  linePlot,
  sampleFigure,
  summaryOf,
  svgFile,
} from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { benchmarkAnswer } from './answer.js';
import type { CellResult } from './cell.js';
import { baselineOf, type LabelReading, labelReadings, labelText, rangeText, readingText } from './label-efficiency.js';
import { type Budget, budgetText, type Cell, cellFolder, type Plan } from './plan.js';
import { type BenchmarkSummary, type Difference, type GroupSummary, summarise } from './summary.js';
import { mainMetric, pText } from './tables.js';
import { type NotedUnfinished, notedText } from './unfinished.js';

/** What metrics are called, and how many digits they have. */
const titles: Readonly<Record<string, readonly [name: string, digits: number]>> = {
  dice: ['Dice', 3],
  iou: ['IoU', 3],
  hd95: ['HD95', 2],
  assd: ['ASSD', 2],
  nsd: ['NSD', 3],
  auc: ['AUC', 3],
  sensitivity: ['sensitivity', 3],
  specificity: ['specificity', 3],
  f1: ['F1', 3],
  accuracy: ['accuracy', 3],
  calibrationError: ['calibration error', 3],
};

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
  const cases = results.map(({ predictions, ...result }) => result);
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

function taskSection(
  folder: string,
  task: string,
  { content }: Plan,
  results: readonly CellResult[],
  { groups, differences }: BenchmarkSummary,
  readings: readonly LabelReading[],
): string {
  const own = groups.filter((group) => group.task === task);
  const [first] = own;
  if (!first) return `<h2>${escapeText(task)}</h2>\n<p>No cell is finished yet.</p>`;
  const { kind } = first;
  const unit = results.find((result) => result.task === task)?.unit;
  const main = mainMetric[kind];
  const names = Object.keys(first.metrics);
  const header = [
    'labelled',
    'initialisation',
    'runs',
    `${titles[main]![0]}, interval over cases`,
    ...names.map((name) => titleOf(name, unit)),
  ];
  const rows = own.map((group) => [
    budgetLabel(group.budget, group.labelled),
    group.initialisation,
    group.pretrainings > 1 ? `${group.pretrainings} × ${group.seeds.length}` : String(group.seeds.length),
    intervalText(group.main),
    ...names.map((name) => spread(group.metrics[name]!, titles[name]![1])),
  ]);
  const pairs = differences.filter((difference) => difference.task === task);
  const paired =
    pairs.length > 0 ? `<h3>Paired differences of ${titles[main]![0]}</h3>\n${differenceTable(pairs)}` : '';
  const curve = curveOf(task, own, Object.keys(content.initialisations), titles[main]![0]);
  if (curve) writeFileAtomic(join(folder, `labels-${task}.svg`), svgFile(curve.plot));
  const pictures = worstOf(folder, task, results);
  return [
    `<h2>${escapeText(task)}: ${kind}</h2>`,
    htmlTable(header, rows),
    curve &&
      `<div class="plots"><figure>${curve.plot}<figcaption>${escapeText(curve.note)}</figcaption></figure></div>`,
    labelTable(readings.filter((reading) => reading.task === task)),
    pretrainingTable(own, titles[main]![0]),
    paired,
    pictures.length > 0 ? `<h3>Worst cases</h3>\n${pictures.join('\n')}` : '',
  ]
    .filter(Boolean)
    .join('\n');
}

/** What several pretrainings of a method tell; nothing where no method has several. */
function pretrainingTable(groups: readonly GroupSummary[], metric: string): string {
  const rows = groups.flatMap(({ budget, labelled, initialisation, pretrainings, overPretrainings, components }) => {
    if (!overPretrainings) return [];
    const deviation = (variance: number | undefined) => (variance === undefined ? '–' : Math.sqrt(variance).toFixed(3));
    return [
      [
        ...[budgetLabel(budget, labelled), initialisation, String(pretrainings), intervalText(overPretrainings)],
        ...[deviation(components?.between), deviation(components?.within)],
      ],
    ];
  });
  if (rows.length === 0) return '';
  const header = [
    ...['labelled', 'initialisation', 'pretrainings', `${metric}, interval over pretrainings`],
    ...['deviation of pretraining', 'deviation of fine-tuning'],
  ];
  return `<h3>Pretraining and fine-tuning</h3>\n${htmlTable(header, rows)}`;
}

/** The main metric over the number of labelled cases, with the intervals; null for a single budget. */
function curveOf(task: string, groups: readonly GroupSummary[], order: readonly string[], metric: string) {
  if (new Set(groups.map(({ labelled }) => labelled)).size < 2) return null;
  const series = order.map((initialisation) => {
    const own = groups
      .filter((group) => group.initialisation === initialisation)
      .sort((a, b) => a.labelled - b.labelled);
    const points = own.map(({ labelled, main }) => [labelled, main.value ?? Number.NaN] as const);
    const band = own.map(({ labelled, main, overPretrainings }) => {
      const { low, high } = overPretrainings ?? main;
      return [labelled, low ?? Number.NaN, high ?? Number.NaN] as const;
    });
    return { name: initialisation, points, band };
  });
  const several = groups.some(({ overPretrainings }) => overPretrainings);
  return {
    plot: linePlot({ title: `${task}: ${metric}`, xLabel: 'labelled cases', xLog: true, marks: true, series }),
    note: `95 % intervals: ${several ? 'over pretrainings where a method has several, else over the test cases' : 'over the test cases'}.`,
  };
}

/** What each method with its labels is worth in labels of the baseline. */
function labelTable(readings: readonly LabelReading[]): string {
  const [first] = readings;
  if (!first) return '';
  const several = readings.some(({ overPretrainings }) => overPretrainings);
  const header = [
    ...['labelled', 'initialisation', `equals ${first.baseline} with`, 'interval over cases'],
    ...(several ? ['interval over pretrainings'] : []),
  ];
  const rows = readings.map(({ budget, labelled, initialisation, equals, overCases, overPretrainings, tried }) => [
    ...[budgetLabel(budget, labelled), initialisation, labelText(equals, tried)],
    overCases ? rangeText(overCases, tried) : '–',
    ...(several ? [overPretrainings ? rangeText(overPretrainings, tried) : '–'] : []),
  ]);
  return `<h3>Labels that are saved</h3>\n${htmlTable(header, rows)}`;
}

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

function differenceTable(differences: readonly Difference[]): string {
  const several = differences.some(({ overPretrainings }) => overPretrainings);
  const range = ({ low, high }: { readonly low: number | null; readonly high: number | null }) =>
    low === null ? '–' : `${signed(low)} … ${signed(high ?? 0)}`;
  const header = [
    ...['labelled', 'A − B', 'difference', 'interval over cases', ...(several ? ['interval over pretrainings'] : [])],
    ...['p', 'p (Holm)', 'cases', 'A greater', 'B greater'],
  ];
  const rows = differences.map(({ budget, a, b, difference, overPretrainings, p, holm, comparison }) => [
    budgetText(budget),
    `${a} − ${b}`,
    difference.value === null ? '–' : signed(difference.value),
    range(difference),
    ...(several ? [overPretrainings ? range(overPretrainings) : '–'] : []),
    pText(p),
    pText(holm),
    String(comparison.difference.cases),
    String(comparison.greaterA),
    String(comparison.greaterB),
  ]);
  return htmlTable(header, rows);
}

/** The worst cases of each initialisation with the most labels and the first seed. */
function worstOf(folder: string, task: string, results: readonly CellResult[]): string[] {
  const own = results.filter((result) => result.task === task);
  const most = Math.max(...own.map(({ labelled }) => labelled));
  const first = new Map<string, CellResult>();
  for (const result of own) {
    if (result.labelled === most && !first.has(result.initialisation)) first.set(result.initialisation, result);
  }
  return [...first.values()].flatMap(({ initialisation, pretraining = null, budget, seed, worst }) =>
    worst.flatMap(({ id, picture, caption }) => {
      const path = join(folder, cellFolder({ task, initialisation, pretraining, budget, seed }), picture);
      if (!existsSync(path)) return [];
      const told = `${budgetText(budget)}, seed ${seed}: ${caption}`;
      return [sampleFigure({ name: `${initialisation}, ${id}`, png: readFileSync(path), caption: told })];
    }),
  );
}

function cellsCsv(results: readonly CellResult[]): string {
  const names = [...new Set(results.flatMap(({ metrics }) => Object.keys(metrics)))];
  return csv([
    [
      'task',
      'initialisation',
      'labelled_cases',
      'fraction',
      'seed',
      'pretraining',
      'steps',
      'best_step',
      'unit',
      ...names,
    ],
    ...results.map(
      ({ task, initialisation, pretraining = null, labelled, budget, seed, steps, best, unit, metrics }) => [
        task,
        initialisation,
        labelled,
        'fraction' in budget ? budget.fraction : null,
        seed,
        pretraining,
        steps,
        best?.step ?? null,
        unit,
        ...names.map((name) => metrics[name] ?? null),
      ],
    ),
  ]);
}

/** A row for each task, budget and initialisation: the main metric with both intervals and both variances. */
function groupsCsv(groups: readonly GroupSummary[]): string {
  const header = [
    ...['task', 'initialisation', 'labelled_cases', 'fraction', 'seeds', 'pretrainings', 'metric', 'mean', 'deviation'],
    ...['low_over_cases', 'high_over_cases', 'cases', 'mean_over_pretrainings', 'low_over_pretrainings'],
    ...['high_over_pretrainings', 'variance_of_pretraining', 'variance_of_fine_tuning'],
  ];
  const rows = groups.map((group) => {
    const { task, kind, initialisation, labelled, budget, seeds, pretrainings, metrics, main } = group;
    const { overPretrainings: over, components } = group;
    const metric = mainMetric[kind];
    return [
      ...[task, initialisation, labelled, 'fraction' in budget ? budget.fraction : null, seeds.length, pretrainings],
      ...[metric, main.value, metrics[metric]?.deviation ?? null, main.low, main.high, main.cases],
      ...[over?.value ?? null, over?.low ?? null, over?.high ?? null],
      ...[components?.between ?? null, components?.within ?? null],
    ];
  });
  return csv([header, ...rows]);
}

function budgetLabel(budget: Budget, labelled: number): string {
  return 'cases' in budget ? budgetText(budget) : `${budgetText(budget)} (${Number(labelled.toFixed(1))})`;
}

function titleOf(name: string, unit: CellResult['unit'] | undefined): string {
  return unit && (name === 'hd95' || name === 'assd') ? `${titles[name]![0]} (${unit})` : titles[name]![0];
}

function spread({ mean, deviation }: GroupSummary['metrics'][string], digits: number): string {
  if (mean === null) return '–';
  return deviation === null ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

function intervalText({ value, low, high }: Pick<GroupSummary['main'], 'value' | 'low' | 'high'>): string {
  if (value === null) return '–';
  return low === null || high === null
    ? value.toFixed(3)
    : `${value.toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`;
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
