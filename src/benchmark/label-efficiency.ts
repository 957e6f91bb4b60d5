/**
 * How many labels a pretraining saves: the number of labelled cases with which a baseline scores what a method scores
 * with its own, read from the baseline's curve. Between two numbers of labels the curve is a straight line over their
 * logarithm; the first place at which it reaches the score counts. Nothing is read beyond the numbers that were tried.
 */
import { counted } from '../core/counted.js';
import { groupBy } from '../core/group-by.js';
import { meanDefined } from '../core/statistics.js';
import { bootstrap } from '../metrics/bootstrap.js';
import type { CellResult } from './cell.js';
import { type Budget, budgetName, type PlanContent } from './plan.js';
import { meanOverPretrainings } from './pretrainings.js';
import { areaStatistics, type CaseStatistics, rowMeans, scoresOf, sharedSeeds, tableOf } from './tables.js';

/** A number of labelled cases; `fewer` than the fewest of the baseline's curve, or `more` than its most. */
export type Labels = number | 'fewer' | 'more';

export interface LabelRange {
  readonly low: Labels;
  readonly high: Labels;
}

/** What a method with some labels is worth in labels of the baseline. */
export interface LabelReading {
  readonly task: string;
  readonly kind: CellResult['kind'];
  readonly initialisation: string;
  readonly baseline: string;
  readonly budget: Budget;
  /** Labelled cases of the method. */
  readonly labelled: number;
  /** Its main metric. */
  readonly score: number;
  /** Labelled cases with which the baseline has the same. */
  readonly equals: Labels;
  /** The 95 % bootstrap interval over the test cases, which both curves share; null for a single case. */
  readonly overCases: LabelRange | null;
  /**
   * Where the baseline's curve reaches both ends of the interval of the method's mean over its pretrainings; null where
   * it has one alone.
   */
  readonly overPretrainings: LabelRange | null;
  /** The fewest and the most labelled cases of the baseline's curve. */
  readonly tried: readonly [least: number, most: number];
}

/** A curve from few labels to many. */
export type LabelCurve = readonly (readonly [labelled: number, score: number])[];

/**
 * Where a curve first reaches a score.
 * @param curve ascending in the labels, at least one point
 * @example
 * labelsFor(0.8, [[1, 0.7], [100, 0.9]]) // 10: half of the way from 0.7 to 0.9, and from log 1 to log 100
 */
export function labelsFor(score: number, curve: LabelCurve): Labels {
  const at = curve.findIndex(([, own]) => own >= score);
  if (at < 0) return 'more';
  const [labelled, above] = curve[at]!;
  if (at === 0) return above === score ? labelled : 'fewer';
  const [before, below] = curve[at - 1]!;
  return before * (labelled / before) ** ((score - below) / (above - below));
}

/** What others are compared with: random weights, else the first of the plan. */
export function baselineOf({ initialisations }: Pick<PlanContent, 'initialisations'>): string {
  const names = Object.keys(initialisations);
  return names.find((name) => initialisations[name] === 'scratch') ?? names[0]!;
}

/**
 * All readings of a benchmark, of every method but the baseline, in tasks where the baseline has two numbers of labels
 * at least.
 */
export function labelReadings(results: readonly CellResult[], baseline: string): LabelReading[] {
  return [...groupBy(results, ({ task }) => task).values()].flatMap((ofTask) => {
    const budgets = groupBy(
      ofTask.filter(({ initialisation }) => initialisation === baseline),
      ({ budget }) => budgetName(budget),
    );
    if (budgets.size < 2) return [];
    const others = ofTask.filter(({ initialisation }) => initialisation !== baseline);
    const groups = groupBy(others, ({ initialisation, budget }) => `${initialisation}|${budgetName(budget)}`);
    return [...groups.values()].flatMap((cells) => readingOf(cells, [...budgets.values()], baseline) ?? []);
  });
}

function readingOf(
  cells: readonly CellResult[],
  budgets: readonly (readonly CellResult[])[],
  baseline: string,
): LabelReading | null {
  const seeds = sharedSeeds(cells, ...budgets);
  if (seeds.length === 0) return null;
  const shared = (own: readonly CellResult[]) => own.filter(({ seed }) => seeds.includes(seed));
  const method = shared(cells);
  const curve = budgets
    .map((own) => ({ labelled: labelledOf(own), cells: shared(own) }))
    .sort((a, b) => a.labelled - b.labelled);
  const tried = [curve[0]!.labelled, curve.at(-1)!.labelled] as const;
  const statistics = scoresOn([method, ...curve.map((point) => point.cells)]);
  if (!statistics) return null;
  const read = (counts: Uint32Array) => {
    const [score, ...points] = statistics.of(counts) as [number, ...number[]];
    return [
      score,
      numberOf(
        labelsFor(
          score,
          points.map((own, index) => [curve[index]!.labelled, own]),
        ),
      ),
    ];
  };
  const [score, labels] = bootstrap(statistics.cases, read, {}, statistics.strata);
  if (score?.value == null || labels?.value == null) return null;
  const named = (value: number) => (value < tried[0] ? 'fewer' : value > tried[1] ? 'more' : value);
  const means = rowMeans(tableOf(method, seeds));
  const points = curve.map((point) => [point.labelled, meanDefined(rowMeans(tableOf(point.cells, seeds)))] as const);
  const over = means.length > 1 && points.every(([, own]) => own !== null) ? meanOverPretrainings(means) : null;
  const { task, kind, initialisation, budget } = cells[0]!;
  return {
    ...{ task, kind, initialisation, baseline, budget, labelled: labelledOf(cells), tried },
    score: score.value,
    equals: named(labels.value),
    overCases: labels.low === null ? null : { low: named(labels.low), high: named(labels.high!) },
    overPretrainings: over && {
      low: labelsFor(over.low!, points as LabelCurve),
      high: labelsFor(over.high!, points as LabelCurve),
    },
  };
}

/** `fewer` and `more` as numbers that order as they do and between which one can interpolate. */
function numberOf(labels: Labels): number {
  if (typeof labels === 'number') return labels;
  return labels === 'fewer' ? 0 : Number.MAX_VALUE;
}

const labelledOf = (cells: readonly CellResult[]) => meanDefined(cells.map(({ labelled }) => labelled)) ?? 0;

/** The main metric of several groups of cells, all on the same test cases. */
function scoresOn(groups: readonly (readonly CellResult[])[]): CaseStatistics | null {
  if (groups[0]![0]!.kind === 'classification') return areaStatistics(groups);
  const tables = groups.map((cells) => scoresOf(cells));
  const ids = tables[0]!.ids;
  const columns = tables.map((table) => {
    const scores = new Map(table.ids.map((id, index) => [id, table.scores[index]]));
    return ids.map((id) => scores.get(id) ?? null);
  });
  const defined = ids.map((_, row) => row).filter((row) => columns.every((column) => column[row] !== null));
  if (defined.length === 0) return null;
  return {
    cases: defined.length,
    of: (counts) =>
      columns.map((column) => defined.reduce((sum, row, at) => sum + counts[at]! * column[row]!, 0) / defined.length),
  };
}

/** A reading in words. */
export function readingText(reading: LabelReading): string {
  const { initialisation, baseline, labelled, equals, overCases, overPretrainings, tried } = reading;
  const own = `${initialisation} with ${casesText(labelled)}`;
  const range = overPretrainings
    ? `${rangeText(overPretrainings, tried)} over pretrainings`
    : overCases
      ? `${rangeText(overCases, tried)} over the test cases`
      : 'one test case, no interval';
  if (equals === 'more') {
    return `${own} is ahead of ${baseline} with ${casesText(tried[1])}, the most that was tried: how many ${baseline} needs cannot be read (${range})`;
  }
  if (equals === 'fewer') {
    return `${own} is behind ${baseline} with ${casesText(tried[0])}, the fewest that were tried: it saves none that can be read (${range})`;
  }
  return `${own} equals ${baseline} with ${labelText(equals, tried)} (${range})`;
}

const casesText = (labelled: number) => counted(Number(labelled.toFixed(1)), 'labelled case');

/** `7.3`, `42`, `fewer than 1`, `more than 135`. */
export function labelText(labels: Labels, [least, most]: LabelReading['tried']): string {
  if (typeof labels === 'number') return Number(labels.toFixed(1)) < 10 ? labels.toFixed(1) : labels.toFixed(0);
  return labels === 'fewer' ? `fewer than ${Number(least.toFixed(1))}` : `more than ${Number(most.toFixed(1))}`;
}

/** `between 5.1 and more than 135`. */
export function rangeText({ low, high }: LabelRange, tried: LabelReading['tried']): string {
  const [from, to] = [labelText(low, tried), labelText(high, tried)];
  return from === to ? from : `between ${from} and ${to}`;
}
