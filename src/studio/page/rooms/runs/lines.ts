/** From the curves of some runs to the lines of a chart: smoothed, and on common steps. */
import uPlot from 'uplot';
import type { Series } from '../../../shared/protocol';

export interface Line {
  readonly label: string;
  readonly colour: string;
  readonly dashed: boolean;
  readonly points: boolean;
  readonly series: Series;
}

/**
 * An exponential mean: of every value so much is the mean before it. It begins unbiased, as Adam's moments do.
 * @param share from 0, nothing is smoothed, to below 1
 */
export function smoothed({ steps, values }: Series, share: number): Series {
  if (share <= 0) return { steps, values };
  let mean = 0;
  let weight = 0;
  const means = values.map((value) => {
    mean = share * mean + (1 - share) * value;
    weight = share * weight + (1 - share);
    return mean / weight;
  });
  return { steps, values: means };
}

/** The lines on the union of their steps; gaps are bridged when they are drawn. */
export function aligned(lines: readonly Line[]): uPlot.AlignedData {
  if (lines.length === 0) return [[]];
  return uPlot.join(
    lines.map(({ series }) => [[...series.steps], [...series.values]] as uPlot.AlignedData),
    lines.map(() => [2]),
  );
}
