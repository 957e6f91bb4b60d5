/** The charts of the runs that are chosen: what they have in common is on one chart. */
import { useMemo } from 'preact/hooks';
import { runColour } from '../../parts/colours';
import { Chart } from './chart';
import { type Line, smoothed } from './lines';
import type { Curves } from './news';

interface Plan {
  readonly title: string;
  /** Keys of the curves, with a name where a run has several. */
  readonly keys: readonly (readonly [key: string, name: string])[];
  readonly log?: boolean;
}

const plans: readonly Plan[] = [
  {
    title: 'Loss',
    keys: [
      ['train.loss', ''],
      ['validation.loss', 'validation'],
    ],
  },
  {
    title: 'Parts of the loss',
    keys: [
      ['train.vectorLoss', 'vector'],
      ['train.consistencyLoss', 'consistency'],
      ['train.crossEntropy', 'cross-entropy'],
      ['train.diceLoss', 'Dice loss'],
    ],
  },
  {
    title: 'Endpoint error, px or voxels',
    keys: [
      ['train.endpointError', ''],
      ['validation.endpointError', 'validation'],
      ['validation.zeroEndpointError', 'zero field'],
    ],
  },
  { title: 'Score on validation cases', keys: [['validation.score', '']] },
  { title: 'Gradient norm', keys: [['train.gradientNorm', '']], log: true },
  { title: 'Learning rate', keys: [['train.learningRate', '']] },
  { title: 'Effective rank of the features', keys: [['validation.effectiveRank', '']] },
  { title: 'Deviation of the features', keys: [['validation.featureDeviation', '']] },
  { title: 'Share of time waiting for data', keys: [['train.dataWaitShare', '']] },
];

export interface ChartsProps {
  readonly shown: readonly string[];
  readonly curves: Curves;
  readonly smoothing: number;
  /** Titles of the charts that are shown; all of them where absent. */
  readonly only?: readonly string[];
}

export function Charts({ shown, curves, smoothing, only }: ChartsProps) {
  const charts = useMemo(
    () =>
      plans
        .filter(({ title }) => !only || only.includes(title))
        .flatMap((plan) => {
          const lines = linesOf(plan, shown, curves, smoothing);
          return lines.length > 0 ? [{ ...plan, lines }] : [];
        }),
    [shown, curves, smoothing, only],
  );
  return (
    <div class="charts">
      {charts.map(({ title, lines, log = false }) => (
        <Chart key={title} title={title} lines={lines} log={log} />
      ))}
    </div>
  );
}

function linesOf(plan: Plan, shown: readonly string[], curves: Curves, smoothing: number): Line[] {
  return shown.flatMap((id, index) => {
    const all = curves.get(id)?.series ?? {};
    return plan.keys.flatMap(([key, name], place): Line[] => {
      const series = all[key];
      if (!series) return [];
      const validation = key.startsWith('validation');
      const label = [
        shown.length > 1 ? id : '',
        name || (shown.length > 1 ? '' : validation ? 'validation' : 'training'),
      ]
        .filter(Boolean)
        .join(' ');
      return [
        {
          label,
          // Of a single run the lines of a chart are told apart by colour, of several the runs are.
          colour: runColour(shown.length > 1 ? index : place),
          dashed: shown.length > 1 && place > 0,
          points: validation,
          series: validation ? series : smoothed(series, smoothing),
        },
      ];
    });
  });
}
