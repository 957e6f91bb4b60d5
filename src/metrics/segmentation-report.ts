/**
 * Segmentation scores of many cases: means over cases with bootstrap intervals, as a report that can be written as
 * JSON, as CSV with a row for each case and class, and as a text table.
 */

import { InputError } from '../core/errors.js';
import { meanDefined } from '../core/statistics.js';
import { type BootstrapOptions, bootstrapDefaults, bootstrapMean, type Estimate } from './bootstrap.js';
import { csv } from './csv.js';
import {
  type CaseScore,
  type Presence,
  presences,
  type SegmentationMetric,
  segmentationMetrics,
} from './segmentation.js';
import { estimateColumns, textTable } from './text-table.js';

/** The unit of the distances: pixels where the spacing was not known and was given as 1. */
export const distanceUnits = ['mm', 'px'] as const;
export type DistanceUnit = (typeof distanceUnits)[number];

export interface SegmentationReportOptions extends BootstrapOptions {
  readonly unit?: DistanceUnit;
}

/** The means of one class. */
export interface ClassSummary {
  readonly class: string;
  /** The means over the cases in which the metric is defined. */
  readonly means: Readonly<Record<SegmentationMetric, Estimate>>;
  /** In how many cases the class is in both maps, in one of them, or in neither. */
  readonly presence: Readonly<Record<Presence, number>>;
}

export interface SegmentationReport {
  readonly kind: 'segmentation';
  readonly unit: DistanceUnit;
  readonly resamples: number;
  readonly level: number;
  readonly seed: number;
  readonly classes: readonly ClassSummary[];
  /** Means over cases of each case's mean over its defined classes. */
  readonly mean: Readonly<Record<SegmentationMetric, Estimate>>;
  readonly scores: readonly CaseScore[];
}

/**
 * @param scores rows of `scoreSegmentation`, of all cases
 * @throws InputError ('data') where there are no rows, or where a case has two rows of one class.
 * @example
 * const report = segmentationReport(cases.flatMap(({ id, prediction, reference }) =>
 *   scoreSegmentation(id, prediction, reference, { classes })));
 * console.log(segmentationText(report));
 */
export function segmentationReport(
  scores: readonly CaseScore[],
  { unit = 'mm', ...options }: SegmentationReportOptions = {},
): SegmentationReport {
  checkScores(scores);
  const byClass = groupBy(scores, (score) => score.class);
  const byCase = groupBy(scores, (score) => score.case);
  return {
    kind: 'segmentation',
    unit,
    ...bootstrapDefaults,
    ...options,
    classes: [...byClass].map(([name, rows]) => ({
      class: name,
      means: eachMetric((metric) =>
        bootstrapMean(
          rows.map((row) => row[metric]),
          options,
        ),
      ),
      presence: Object.fromEntries(
        presences.map((presence) => [presence, rows.filter((row) => row.presence === presence).length]),
      ) as Record<Presence, number>,
    })),
    mean: eachMetric((metric) =>
      bootstrapMean(
        [...byCase.values()].map((rows) => meanDefined(rows.map((row) => row[metric]))),
        options,
      ),
    ),
    scores,
  };
}

/** One row for each case and class, with a header; an undefined value is an empty field. */
export function segmentationCsv({ scores, unit }: SegmentationReport): string {
  const header = ['case', 'class', 'label', 'dice', 'iou', `hd95_${unit}`, `assd_${unit}`, 'nsd'];
  return csv([
    [...header, `tolerance_${unit}`, 'presence', 'predicted_voxels', 'reference_voxels'],
    ...scores.map((score) => [
      score.case,
      score.class,
      score.label,
      ...segmentationMetrics.map((metric) => score[metric]),
      score.tolerance,
      score.presence,
      score.predictedVoxels,
      score.referenceVoxels,
    ]),
  ]);
}

/** A table of the means with their intervals, at most 80 columns wide, and a line for each class that was missed. */
export function segmentationText(report: SegmentationReport): string {
  const { classes, mean, unit } = report;
  const rows = (name: string, means: ClassSummary['means']) =>
    segmentationMetrics.map((metric, index) => [
      index === 0 ? name : '',
      titleOf(metric, unit),
      ...estimateColumns(means[metric], metric === 'hd95' || metric === 'assd' ? 2 : 3),
    ]);
  const body = classes.flatMap(({ class: name, means }) => rows(name, means));
  const header = ['class', 'metric', 'mean', `${percent(report.level)} interval`, 'cases'];
  return [
    textTable(header, classes.length > 1 ? [...body, ...rows('mean of classes', mean)] : body),
    ...classes.flatMap(presenceLines),
    '',
  ].join('\n');
}

const titles: Record<SegmentationMetric, string> = { dice: 'Dice', iou: 'IoU', hd95: 'HD95', assd: 'ASSD', nsd: 'NSD' };

const titleOf = (metric: SegmentationMetric, unit: DistanceUnit) =>
  metric === 'hd95' || metric === 'assd' ? `${titles[metric]} (${unit})` : titles[metric];

function presenceLines({ class: name, presence }: ClassSummary): string[] {
  const short = name.length > 30 ? `${name.slice(0, 29)}…` : name;
  const said = [
    [presence['reference only'], 'missed'],
    [presence['prediction only'], 'predicted where there is none'],
    [presence.neither, 'in neither'],
  ] as const;
  const parts = said.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return parts.length > 0 ? [`${short}: ${parts.join(', ')}`] : [];
}

const percent = (level: number) => `${Number((level * 100).toFixed(1))} %`;

function eachMetric<T>(value: (metric: SegmentationMetric) => T): Record<SegmentationMetric, T> {
  return Object.fromEntries(segmentationMetrics.map((metric) => [metric, value(metric)])) as Record<
    SegmentationMetric,
    T
  >;
}

function groupBy(scores: readonly CaseScore[], keyOf: (score: CaseScore) => string): Map<string, CaseScore[]> {
  const groups = new Map<string, CaseScore[]>();
  for (const score of scores) {
    const group = groups.get(keyOf(score));
    if (group) group.push(score);
    else groups.set(keyOf(score), [score]);
  }
  return groups;
}

function checkScores(scores: readonly CaseScore[]): void {
  if (scores.length === 0) {
    throw new InputError('data', 'expected the scores of at least one case, found none', 'Score a case first.');
  }
  const seen = new Set<string>();
  for (const score of scores) {
    const key = JSON.stringify([score.case, score.class]);
    if (seen.has(key)) {
      throw new InputError(
        'data',
        `the case ${score.case} has two rows of the class ${score.class}`,
        'Give every case its own name.',
      );
    }
    seen.add(key);
  }
}
