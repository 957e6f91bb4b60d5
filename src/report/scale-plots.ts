/** The plot that mixed precision has beside the others. */
import type { PlotOptions } from './curves.js';
import { type MetricRecord, metricSeries } from './html.js';

/** The scale of the loss over the steps; none where the run had full precision. */
export function scalePlots(metrics: readonly MetricRecord[]): PlotOptions[] {
  const scale = metricSeries(metrics, 'train', 'lossScale', 'scale');
  if (scale.points.length === 0) return [];
  const skipped = metrics.findLast(({ kind }) => kind === 'train')?.skippedSteps ?? 0;
  const note = `Each fall is a step that was left out, since its gradient overflowed in float16: ${skipped} in all.`;
  return [{ title: 'Scale of the loss', log: true, series: [scale], note }];
}
