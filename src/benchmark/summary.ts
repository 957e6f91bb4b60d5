/**
 * What a benchmark says: for each task, budget and initialisation the mean and the deviation over the runs with the
 * interval over the cases, and the paired differences between initialisations with a test. Scores of a case are
 * averaged over the runs first, so that cases are what is independent. Where an initialisation has several
 * pretrainings, there are intervals over these beside, and the spread of both trainings.
 */

import { groupBy } from '../core/group-by.js';
import { meanDefined, meanOf, varianceOf } from '../core/statistics.js';
import { bootstrap } from '../metrics/bootstrap.js';
import { bootstrapMean, comparePaired, type Estimate, type PairedComparison } from '../metrics/index.js';
import type { CellResult } from './cell.js';
import { type Budget, budgetName } from './plan.js';
import {
  differenceOverPretrainings,
  meanOverPretrainings,
  type PretrainingMean,
  type VarianceComponents,
  varianceComponents,
} from './pretrainings.js';
import { areaStatistics, pretrainingsOf, rowMeans, scoresOf, sharedSeeds, tableOf } from './tables.js';

/** All runs of one task, budget and initialisation. */
export interface GroupSummary {
  readonly task: string;
  readonly kind: CellResult['kind'];
  readonly initialisation: string;
  readonly budget: Budget;
  /** Of fine-tuning. */
  readonly seeds: readonly number[];
  /** How many pretrainings have a run here; 1 for random weights. */
  readonly pretrainings: number;
  /** Training cases that were used, the mean over the runs. */
  readonly labelled: number;
  /** Mean and sample standard deviation over the runs; the deviation is null for one run. */
  readonly metrics: Readonly<Record<string, { readonly mean: number | null; readonly deviation: number | null }>>;
  /** The main metric of the mean over the runs, with its bootstrap interval over the cases. */
  readonly main: Estimate;
  /**
   * Its mean with the interval over pretrainings, on the seeds that all have; null for a single one, or no such seed.
   */
  readonly overPretrainings: PretrainingMean | null;
  /** Its variance, split up; null where there are not two pretrainings and two seeds at least. */
  readonly components: VarianceComponents | null;
}

/** Two initialisations on the same task, budget, seeds and cases. */
export interface Difference {
  readonly task: string;
  readonly budget: Budget;
  /** A minus B. */
  readonly a: string;
  readonly b: string;
  /** Of the mean Dice of each case, or of the AUC. */
  readonly difference: Estimate;
  /** The same with the interval over pretrainings; null where neither has several. */
  readonly overPretrainings: PretrainingMean | null;
  /** Wilcoxon signed-rank test over the cases: of their mean Dice, or of the probability of their true class. */
  readonly p: number;
  /** p corrected for the number of differences of this benchmark (Holm). */
  readonly holm: number;
  readonly comparison: PairedComparison;
}

export interface BenchmarkSummary {
  readonly groups: readonly GroupSummary[];
  readonly differences: readonly Difference[];
}

/** @param order the initialisations as the plan names them; of a pair the later one is A */
export function summarise(results: readonly CellResult[], order: readonly string[]): BenchmarkSummary {
  const fieldOf = ({ task, budget }: CellResult) => [task, budgetName(budget)].join('|');
  const groups = [...groupBy(results, (result) => `${fieldOf(result)}|${result.initialisation}`).values()];
  const fields = [...groupBy(results, fieldOf).values()];
  const found = fields.flatMap((field) =>
    order.flatMap((b, index) =>
      order.slice(index + 1).flatMap((a) => {
        const of = (name: string) => field.filter(({ initialisation }) => initialisation === name);
        return differenceOf(a, of(a), b, of(b));
      }),
    ),
  );
  const corrected = holm(found.map(({ p }) => p));
  return {
    groups: groups.map(summariseGroup),
    differences: found.map((difference, index) => ({ ...difference, holm: corrected[index]! })),
  };
}

/** p-values corrected for their number, in the given order (S. Holm, Scandinavian Journal of Statistics 6, 1979). */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const corrected = new Array<number>(values.length);
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, values[index]! * (values.length - rank)));
    corrected[index] = least;
  });
  return corrected;
}

function summariseGroup(cells: readonly CellResult[]): GroupSummary {
  const { task, kind, initialisation, budget, metrics } = cells[0]!;
  const seeds = sharedSeeds(cells);
  const table = tableOf(cells, seeds);
  const several = table.length > 1 && seeds.length > 0;
  return {
    ...{ task, kind, initialisation, budget },
    seeds: [...new Set(cells.map(({ seed }) => seed))],
    pretrainings: pretrainingsOf(cells).length,
    labelled: meanOf(cells.map(({ labelled }) => labelled)),
    metrics: Object.fromEntries(
      Object.keys(metrics).map((name) => {
        const values = cells.flatMap((cell) => cell.metrics[name] ?? []);
        return [name, { mean: meanDefined(values), deviation: deviationOf(values) }];
      }),
    ),
    main: kind === 'segmentation' ? bootstrapMean(scoresOf(cells).scores) : bootstrapAreas([cells])[0]!,
    overPretrainings: several ? meanOverPretrainings(rowMeans(table)) : null,
    components: several ? varianceComponents(table) : null,
  };
}

function differenceOf(
  a: string,
  ofA: readonly CellResult[],
  b: string,
  ofB: readonly CellResult[],
): Omit<Difference, 'holm'>[] {
  if (ofA.length === 0 || ofB.length === 0) return [];
  const seeds = sharedSeeds(ofA, ofB);
  if (seeds.length === 0) return [];
  const shared = (cells: readonly CellResult[]) => cells.filter(({ seed }) => seeds.includes(seed));
  const [cellsA, cellsB] = [shared(ofA), shared(ofB)];
  const [one, other] = [scoresOf(cellsA), scoresOf(cellsB)];
  const scores = new Map(other.ids.map((id, index) => [id, other.scores[index]]));
  const comparison = comparePaired(
    one.scores,
    one.ids.map((id) => scores.get(id) ?? null),
  );
  const { task, budget, kind } = cellsA[0]!;
  const difference = kind === 'segmentation' ? comparison.difference : bootstrapAreas([cellsA, cellsB])[2]!;
  const tables = [tableOf(cellsA, seeds), tableOf(cellsB, seeds)] as const;
  const several = tables.some(({ length }) => length > 1) && tables.every(({ length }) => length > 0);
  const overPretrainings = several ? differenceOverPretrainings(rowMeans(tables[0]), rowMeans(tables[1])) : null;
  return [{ task, budget, a, b, difference, overPretrainings, p: comparison.test.p, comparison }];
}

/** The mean AUC of each method with its interval, and of two methods the difference last, on the same resamples. */
function bootstrapAreas(methods: readonly (readonly CellResult[])[]): Estimate[] {
  const { cases, strata, of } = areaStatistics(methods);
  const statistics = (counts: Uint32Array) => {
    const areas = of(counts);
    return areas.length === 2 ? [...areas, areas[0]! - areas[1]!] : areas;
  };
  return bootstrap(cases, statistics, {}, strata);
}

function deviationOf(values: readonly number[]): number | null {
  return values.length < 2 ? null : Math.sqrt(varianceOf(values));
}
