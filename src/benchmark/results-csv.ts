/** The results of a benchmark for other programs: a row for each cell, and one for each group of them. */
import { csv } from '../metrics/csv.js';
import type { CellResult } from './cell.js';
import type { GroupSummary } from './summary.js';
import { mainMetric } from './tables.js';

export function cellsCsv(results: readonly CellResult[]): string {
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
export function groupsCsv(groups: readonly GroupSummary[]): string {
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
