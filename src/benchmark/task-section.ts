/** What a benchmark's page says of one task: its tables, the curve over labels, the worst cases. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeText, htmlTable, linePlot, sampleFigure, svgFile } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import type { CellResult } from './cell.js';
import { type LabelReading, labelText, rangeText } from './label-efficiency.js';
import { type Budget, budgetText, cellFolder, type Plan } from './plan.js';
import type { BenchmarkSummary, Difference, GroupSummary } from './summary.js';
import { mainMetric, pText } from './tables.js';

/** What metrics are called, and how many digits they have. */
export const titles: Readonly<Record<string, readonly [name: string, digits: number]>> = {
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

export function taskSection(
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
