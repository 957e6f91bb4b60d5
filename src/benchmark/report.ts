/**
 * `report.html`, `results.csv` and `results.json` of a benchmark: one page with everything inside, and the numbers for
 * other programs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { csv } from '../metrics/csv.js';
import { answerOf, escapeText, htmlPage, htmlTable, linePlot, sampleFigure, summaryOf } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { benchmarkAnswer } from './answer.js';
import type { CellResult } from './cell.js';
import { type Budget, budgetText, type Cell, cellFolder, type Plan } from './plan.js';
import { type BenchmarkSummary, type Difference, type GroupSummary, mainMetric, summarise } from './summary.js';

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

type Failures = readonly { readonly cell: Cell; readonly message: string }[];

/** Writes the three files and returns the path of the page. */
export function writeBenchmarkReport(
  folder: string,
  plan: Plan,
  results: readonly CellResult[],
  failures: Failures,
): string {
  const summary = summarise(results, Object.keys(plan.content.initialisations));
  const { content, cells } = plan;
  writeFileAtomic(join(folder, 'results.csv'), cellsCsv(results));
  const failed = failures.map(({ cell, message }) => ({ cell: cell.folder, message }));
  const cases = results.map(({ predictions, ...result }) => result);
  writeFileAtomic(
    join(folder, 'results.json'),
    `${JSON.stringify({ plan: content, cells: cells.length, ...summary, results: cases, failures: failed }, null, 2)}\n`,
  );
  const path = join(folder, 'report.html');
  const tiles = {
    cells: `${results.length} of ${cells.length} finished`,
    initialisations: Object.keys(content.initialisations).join(', '),
    seeds: content.seeds.join(', '),
    ...(failures.length > 0 ? { failed: failures.length } : {}),
  };
  const tasks = Object.keys(content.tasks).map((task) => taskSection(folder, task, plan, results, summary));
  const trouble = failures.map(
    ({ cell, message }) => `<p><b>${escapeText(cell.folder)}</b> ${escapeText(message)}</p>`,
  );
  const body = [
    answerOf(benchmarkAnswer(plan, summary, (metric) => titles[metric]![0])),
    summaryOf(tiles),
    ...tasks,
    trouble.length > 0 ? `<h2>Failed</h2>\n${trouble.join('\n')}` : '',
    `<h2>How to read it</h2>\n${explanation}`,
  ];
  writeFileAtomic(path, htmlPage(content.title, body.filter(Boolean).join('\n')));
  return path;
}

const explanation = [
  'Mean ± sample standard deviation are over the seeds, which draw the labelled cases, the head and the augmentation. The interval is',
  'the 95 % bootstrap interval over the cases of the mean over the seeds. Differences are paired: the same cases, seeds and labelled',
  'cases. p is from the two-sided Wilcoxon signed-rank test over the cases (of a classification over the probabilities of the true',
  'class); p (Holm) is corrected for the number of differences on this page. Few cases cannot give a small p.',
].join('\n');

function taskSection(
  folder: string,
  task: string,
  { content }: Plan,
  results: readonly CellResult[],
  { groups, differences }: BenchmarkSummary,
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
    'seeds',
    `${titles[main]![0]}, interval over cases`,
    ...names.map((name) => titleOf(name, unit)),
  ];
  const rows = own.map((group) => [
    budgetLabel(group.budget, group.labelled),
    group.initialisation,
    String(group.seeds.length),
    intervalText(group.main),
    ...names.map((name) => spread(group.metrics[name]!, titles[name]![1])),
  ]);
  const pairs = differences.filter((difference) => difference.task === task);
  const paired =
    pairs.length > 0 ? `<h3>Paired differences of ${titles[main]![0]}</h3>\n${differenceTable(pairs)}` : '';
  const curves = curvesOf(task, own, Object.keys(content.initialisations), titles[main]![0]);
  const pictures = worstOf(folder, task, results);
  return [
    `<h2>${escapeText(task)}: ${kind}</h2>`,
    htmlTable(header, rows),
    curves,
    paired,
    pictures.length > 0 ? `<h3>Worst cases</h3>\n${pictures.join('\n')}` : '',
  ].join('\n');
}

/** The main metric over the number of labelled cases, with the intervals; nothing for a single budget. */
function curvesOf(task: string, groups: readonly GroupSummary[], order: readonly string[], metric: string): string {
  if (new Set(groups.map(({ labelled }) => labelled)).size < 2) return '';
  const series = order.map((initialisation) => {
    const own = groups
      .filter((group) => group.initialisation === initialisation)
      .sort((a, b) => a.labelled - b.labelled);
    const points = own.map(({ labelled, main }) => [labelled, main.value ?? Number.NaN] as const);
    const band = own.map(({ labelled, main }) => [labelled, main.low ?? Number.NaN, main.high ?? Number.NaN] as const);
    return { name: initialisation, points, band };
  });
  const plot = linePlot({ title: `${task}: ${metric}`, xLabel: 'labelled cases', series });
  return `<div class="plots"><figure>${plot}</figure></div>`;
}

function differenceTable(differences: readonly Difference[]): string {
  const header = ['labelled', 'A − B', 'difference', 'interval', 'p', 'p (Holm)', 'cases', 'A greater', 'B greater'];
  const rows = differences.map(({ budget, a, b, difference, p, holm, comparison }) => [
    budgetText(budget),
    `${a} − ${b}`,
    difference.value === null ? '–' : signed(difference.value),
    difference.low === null ? '–' : `${signed(difference.low)} … ${signed(difference.high ?? 0)}`,
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
  return [...first.values()].flatMap(({ initialisation, budget, seed, worst }) =>
    worst.flatMap(({ id, picture, caption }) => {
      const path = join(folder, cellFolder({ task, initialisation, budget, seed }), picture);
      if (!existsSync(path)) return [];
      const told = `${budgetText(budget)}, seed ${seed}: ${caption}`;
      return [sampleFigure({ name: `${initialisation}, ${id}`, png: readFileSync(path), caption: told })];
    }),
  );
}

function cellsCsv(results: readonly CellResult[]): string {
  const names = [...new Set(results.flatMap(({ metrics }) => Object.keys(metrics)))];
  return csv([
    ['task', 'initialisation', 'labelled_cases', 'fraction', 'seed', 'steps', 'best_step', 'unit', ...names],
    ...results.map(({ task, initialisation, labelled, budget, seed, steps, best, unit, metrics }) => [
      task,
      initialisation,
      labelled,
      'fraction' in budget ? budget.fraction : null,
      seed,
      steps,
      best?.step ?? null,
      unit,
      ...names.map((name) => metrics[name] ?? null),
    ]),
  ]);
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

function intervalText({ value, low, high }: GroupSummary['main']): string {
  if (value === null) return '–';
  return low === null || high === null
    ? value.toFixed(3)
    : `${value.toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`;
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;

const pText = (p: number) => (p < 0.001 ? '< 0.001' : p.toFixed(3));
