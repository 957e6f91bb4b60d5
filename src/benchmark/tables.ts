/**
 * Results of cells as tables: which runs are of one pretraining, which seeds all have, and what each run or case
 * scored.
 */
import { groupBy } from '../core/group-by.js';
import { meanDefined, meanOf } from '../core/statistics.js';
import type { Predictions } from '../metrics/index.js';
import { areaUnderRoc, rankCases } from '../metrics/roc.js';
import type { CellResult } from './cell.js';

/** The metric that initialisations are compared by. */
export const mainMetric = { segmentation: 'dice', classification: 'auc' } as const;

/** The cells of each pretraining. */
export function pretrainingsOf(cells: readonly CellResult[]): CellResult[][] {
  return [...groupBy(cells, ({ pretraining }) => pretraining ?? 1).values()];
}

/** The seeds of fine-tuning that every pretraining of every method has a run with. */
export function sharedSeeds(...methods: (readonly CellResult[])[]): number[] {
  const [first = [], ...others] = methods.flatMap(pretrainingsOf);
  const seeds = first.map(({ seed }) => seed);
  return seeds.filter((seed) => others.every((cells) => cells.some((cell) => cell.seed === seed)));
}

/**
 * The main metric, a row for each pretraining and a column for each of the seeds; rows that lack a value are left out.
 */
export function tableOf(cells: readonly CellResult[], seeds: readonly number[]): number[][] {
  return pretrainingsOf(cells)
    .map((own) => seeds.map((seed) => mainOf(own.find((cell) => cell.seed === seed)!)))
    .filter((row): row is number[] => !row.includes(null));
}

export const rowMeans = (table: readonly (readonly number[])[]) => table.map(meanOf);

/** The mean Dice of the cases, or the AUC. */
function mainOf({ kind, cases, metrics }: CellResult): number | null {
  if (kind === 'classification') return metrics[mainMetric[kind]] ?? null;
  return meanDefined(cases.map(({ score }) => score));
}

/** The mean over the runs of each case's score; null where it is not defined in one of them. */
export function scoresOf(cells: readonly CellResult[]): { readonly ids: string[]; readonly scores: (number | null)[] } {
  const ids = cells[0]!.cases.map(({ id }) => id);
  const tables = cells.map(({ cases }) => new Map(cases.map(({ id, score }) => [id, score])));
  const scores = ids.map((id) => {
    const own = tables.map((table) => table.get(id) ?? null);
    return own.includes(null) ? null : meanOf(own as number[]);
  });
  return { ids, scores };
}

function predictionsOf(cells: readonly CellResult[]): readonly Predictions[] {
  return cells.flatMap(({ predictions }) => predictions ?? []);
}

export interface CaseStatistics {
  readonly cases: number;
  /** The stratum of each case, which resamples keep. */
  readonly strata?: ArrayLike<number>;
  /** The main metric of each method where cases count so often. */
  of(counts: Uint32Array): number[];
}

/**
 * The AUC of several methods, the mean over the classes and their runs.
 * @param methods the runs of each, all on the same cases
 */
export function areaStatistics(methods: readonly (readonly CellResult[])[]): CaseStatistics {
  const ranked = methods.map((cells) =>
    predictionsOf(cells).map(({ cases, classes, probabilities, truth }) => ({
      truth,
      columns: classes.map((_, k) => rankCases(cases.map((_, row) => probabilities[row * classes.length + k]!))),
    })),
  );
  const { cases, truth } = predictionsOf(methods[0]!)[0]!;
  return {
    cases: cases.length,
    strata: truth,
    of: (counts) =>
      ranked.map((runs) => {
        const all = runs.flatMap(({ truth: own, columns }) =>
          columns.map((column, k) => areaUnderRoc(column, (row) => own[row] === k, counts)),
        );
        return meanOf(all);
      }),
  };
}

/** A probability as text. */
export const pText = (p: number) => (p < 0.001 ? '< 0.001' : p.toFixed(3));
