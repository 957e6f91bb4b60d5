/** The curves of a pretraining run, from the records of `metrics.jsonl`. */
import { type MetricRecord, metricSeries, type PlotOptions, scalePlots } from '../report/index.js';
import type { MethodMetrics } from './method.js';

/**
 * The plots of a run; one without any record says so, rather than vanish.
 * @param note what is said below the plot of the criterion
 */
export function runPlots(
  metrics: readonly MetricRecord[],
  { parts, criterion, reference }: MethodMetrics,
  note?: string,
): PlotOptions[] {
  const series = (kind: string, key: string, name: string, dashed = false) =>
    metricSeries(metrics, kind, key, name, dashed);
  const unit = criterion.unit === 'px' ? 'pixels' : criterion.unit;
  return [
    {
      title: 'Losses',
      log: true,
      series: [series('train', 'loss', 'total'), ...parts.map(({ key, name }) => series('train', key, name))],
    },
    {
      title: criterion.name.replace(/^[a-z]/, (letter) => letter.toUpperCase()),
      ...(unit ? { yLabel: unit } : {}),
      ...(note ? { note } : {}),
      zero: true,
      series: [
        series('train', criterion.key, 'training'),
        series('validation', criterion.key, 'validation'),
        ...(reference ? [series('validation', reference.key, reference.name, true)] : []),
      ],
    },
    { title: 'Gradient norm', log: true, series: [series('train', 'gradientNorm', 'before clipping')] },
    ...scalePlots(metrics),
    { title: 'Learning rate', zero: true, series: [series('train', 'learningRate', 'learning rate')] },
    {
      title: 'Feature spread',
      zero: true,
      series: [series('validation', 'featureDeviation', 'mean standard deviation')],
    },
    {
      title: 'Effective rank',
      zero: true,
      series: [series('validation', 'effectiveRank', 'of the feature covariance')],
    },
    {
      title: 'Waiting for data',
      yLabel: 'share of the time',
      zero: true,
      series: [series('train', 'dataWaitShare', 'share')],
    },
  ];
}
