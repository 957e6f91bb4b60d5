/** One chart: the lines of several runs over the steps. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { short } from '../../parts/format';
import { colourOf } from '../../theme';
import { aligned, type Line } from './lines';

export interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Whether it begins with a logarithmic axis. */
  readonly log?: boolean;
}

export function Chart({ title, lines, log: initially = false }: ChartProps) {
  const [log, setLog] = useState(initially);
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [theme, setTheme] = useState(0);
  const data = useMemo(() => aligned(lines), [lines]);
  // The plot is built anew when its lines are others; new points alone are set.
  const shape = JSON.stringify([
    log,
    theme,
    lines.map(({ label, colour, dashed, points }) => [label, colour, dashed, points]),
  ]);
  const latest = useRef({ data, lines });
  latest.current = { data, lines };
  useEffect(() => {
    const changed = () => setTheme((one) => one + 1);
    addEventListener('themechange', changed);
    return () => removeEventListener('themechange', changed);
  }, []);
  // `shape` says when another plot is needed.
  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const made = new uPlot(
      options(latest.current.lines, log, element.clientWidth, element.clientHeight),
      latest.current.data,
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: element.clientHeight }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [data]);
  return (
    <section class="panel" aria-label={title}>
      <div class="row spread">
        <h2>{title}</h2>
        <label class="check small quiet">
          <input type="checkbox" checked={log} onChange={() => setLog(!log)} />
          logarithmic
        </label>
      </div>
      <div class="chart" ref={box} role="img" aria-label={spoken(title, lines)} data-points={countOf(lines)} />
      <p class="legend" aria-hidden="true">
        {lines.map(({ label, colour, dashed, series }) => (
          <span key={label}>
            <i class={dashed ? 'dashed' : ''} style={{ borderColor: colour }} />
            {label} {series.values.length > 0 && short(series.values.at(-1) as number)}
          </span>
        ))}
      </p>
    </section>
  );
}

function options(lines: readonly Line[], log: boolean, width: number, height: number): uPlot.Options {
  const axis = { stroke: colourOf('quiet'), grid: { stroke: colourOf('grid') }, ticks: { stroke: colourOf('grid') } };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { drag: { x: true, y: false }, points: { size: 6 } },
    scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
    axes: [
      { ...axis, size: 28 },
      { ...axis, size: 58, values: (_, splits) => splits.map(tick) },
    ],
    series: [
      {},
      ...lines.map(
        ({ label, colour, dashed, points }): uPlot.Series => ({
          label,
          stroke: colour,
          width: 1.6,
          spanGaps: true,
          ...(dashed ? { dash: [6, 4] } : {}),
          points: { show: points, size: 5 },
        }),
      ),
    ],
    plugins: [tooltip(lines)],
  };
}

function tick(value: number | null): string {
  if (value === null) return '';
  return value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)
    ? value.toExponential(0)
    : String(Number(value.toPrecision(6)));
}

/** The values under the pointer, in the corner of the plot. */
function tooltip(lines: readonly Line[]): uPlot.Plugin {
  const note = document.createElement('div');
  note.className = 'tooltip';
  return {
    hooks: {
      init: (plot) => plot.over.appendChild(note),
      setCursor: (plot) => {
        const { idx, left = -1 } = plot.cursor;
        note.hidden = idx === null || idx === undefined || left < 0;
        if (note.hidden) return;
        const rows = lines.flatMap(({ label }, index) => {
          const value = valueNear(plot.data[index + 1] as (number | null | undefined)[], idx as number);
          return value === undefined ? [] : [`${label}  ${short(value)}`];
        });
        note.textContent = [`step ${plot.data[0][idx as number]}`, ...rows].join('\n');
      },
    },
  };
}

/** The value at a place, or the last one before it. */
function valueNear(values: readonly (number | null | undefined)[], index: number): number | undefined {
  for (let at = index; at >= 0; at--) {
    const value = values[at];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}

function spoken(title: string, lines: readonly Line[]): string {
  const ends = lines.flatMap(({ label, series: { steps, values } }) =>
    values.length > 0 ? [`${label}: ${short(values.at(-1) as number)} at step ${steps.at(-1)}`] : [],
  );
  return `${title}. ${ends.join('; ') || 'No values yet.'}`;
}

function countOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { series }) => sum + series.steps.length, 0);
}
