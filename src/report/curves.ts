/**
 * Line plots as SVG text, to stand inside of an HTML page: the page's style sheet gives the colours (`--ink`,
 * `--faint`, `--series-0` … `--series-5`), so a plot follows the light or dark theme. Pure: numbers in, text out.
 */

/** Points (x, y) in the order they are joined; a value that is not finite interrupts the line. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
  /** An interval at each x, in the order of the points. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
}

export interface PlotOptions {
  readonly title: string;
  readonly series: readonly Series[];
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** A logarithmic y axis; values of 0 and below are left out. */
  readonly log?: boolean;
  /** A logarithmic x axis; points at 0 and below are left out. */
  readonly xLog?: boolean;
  /** A dot at every point, for lines of few. */
  readonly marks?: boolean;
  /** Include 0 on a linear y axis. */
  readonly zero?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** A sentence below the plot that says how to read it. */
  readonly note?: string;
}

const margin = { left: 58, right: 14, top: 48, bottom: 38 };
const legendRow = 16;
/** A line with more points is drawn as the least and the greatest value of each of this many stretches. */
const stretches = 400;
/** A line with more than twice as many points is drawn faintly, with the means of this many stretches over it. */
const trendPoints = 60;

/** Draws the plot; without a finite point it says so. */
export function linePlot(options: PlotOptions): string {
  const { title, series, xLabel = 'step', yLabel = '', log = false, zero = false, width = 460 } = options;
  const { xLog = false, marks = false } = options;
  const names = legend(series, width - margin.right);
  const top = margin.top + names.more;
  const height = (options.height ?? 270) + names.more;
  const drawable = ([x, y]: readonly [number, number]) =>
    Number.isFinite(x) && Number.isFinite(y) && (!log || y > 0) && (!xLog || x > 0);
  const along = (x: number) => (xLog ? Math.log10(x) : x);
  const lines = series.map((one) => {
    const runs = runsOf(one.points, drawable);
    const noisy = runs.some((run) => run.length > 2 * trendPoints);
    return { ...one, noisy, runs: runs.map(thinned), trend: noisy ? runs.map(averaged) : [] };
  });
  const bands = series.map(({ band = [] }) =>
    band.filter((values) => values.every(Number.isFinite) && (!xLog || values[0] > 0)),
  );
  const ends = bands.flat().flatMap(([x, low, high]): Point[] => [
    [x, low],
    [x, high],
  ]);
  const points = [...lines.flatMap(({ runs }) => runs.flat()), ...(log ? [] : ends)];
  const inner = { width: width - margin.left - margin.right, height: height - top - margin.bottom };
  const open = `<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">`;
  const head = `<text class="plot-title" x="${margin.left}" y="18">${escapeText(title)}</text>`;
  if (points.length === 0) {
    return `${open}${head}<text class="tick" x="${margin.left}" y="${height / 2}">no values yet</text></svg>`;
  }
  const xs = points.map(([x]) => along(x));
  const ys = points.map(([, y]) => (log ? Math.log10(y) : y));
  const xRange = rangeOf(xs, 0);
  const yRange = rangeOf(zero && !log ? [...ys, 0] : ys, 0.06);
  if (zero && !log && ys.every((y) => y >= 0)) yRange[0] = 0;
  const px = (x: number) => round(margin.left + ((along(x) - xRange[0]) / (xRange[1] - xRange[0])) * inner.width);
  const py = (y: number) => round(top + (1 - (y - yRange[0]) / (yRange[1] - yRange[0])) * inner.height);
  const bottom = top + inner.height;
  const right = margin.left + inner.width;

  const grid = [
    ...(log ? logTicks(yRange) : ticks(yRange, 5)).map(
      (y) =>
        `<line class="grid" x1="${margin.left}" x2="${right}" y1="${py(y)}" y2="${py(y)}"/>` +
        `<text class="tick" text-anchor="end" x="${margin.left - 6}" y="${py(y) + 4}">${label(log ? 10 ** y : y)}</text>`,
    ),
    ...(xLog ? logTicks(xRange).map((exponent) => 10 ** exponent) : ticks(xRange, 6)).map(
      (x) =>
        `<line class="axis" x1="${px(x)}" x2="${px(x)}" y1="${bottom}" y2="${bottom + 4}"/>` +
        `<text class="tick" text-anchor="middle" x="${px(x)}" y="${bottom + 17}">${label(x)}</text>`,
    ),
    `<path class="axis" d="M${margin.left} ${top}V${bottom}H${right}"/>`,
    `<text class="tick" text-anchor="end" x="${right}" y="${height - 4}">${escapeText(xLabel)}</text>`,
    yLabel && `<text class="tick" text-anchor="end" x="${right}" y="18">${escapeText(yLabel)}</text>`,
  ];
  const drawn = lines.map(({ runs, trend, noisy, dashed, name }, index) => {
    const style = `style="stroke:var(--series-${index % 6})"${dashed ? ' stroke-dasharray="5 4"' : ''}`;
    const pathOf = (run: readonly Point[]) =>
      run.map(([x, y], at) => `${at ? 'L' : 'M'}${px(x)} ${py(log ? Math.log10(y) : y)}`).join('');
    const dots = runs
      .filter((run) => marks || run.length === 1)
      .flat()
      .map(([x, y]) => {
        return `<circle r="2.5" style="fill:var(--series-${index % 6})" cx="${px(x)}" cy="${py(log ? Math.log10(y) : y)}"/>`;
      });
    const path = `<path class="line${noisy ? ' noisy' : ''}" data-series="${escapeText(name)}" ${style} d="${runs.map(pathOf).join('')}"/>`;
    const means = noisy ? `<path class="line" ${style} d="${trend.map(pathOf).join('')}"/>` : '';
    return areaOf(bands[index]!, index) + path + means + dots.join('');
  });
  return [open, head, ...grid.filter(Boolean), names.drawn, ...drawn, '</svg>'].join('\n');

  /** The area between both ends of the intervals; a stroke where there is one alone. */
  function areaOf(band: (typeof bands)[number], index: number): string {
    const [first] = band;
    if (!first || log) return '';
    const colour = `var(--series-${index % 6})`;
    if (band.length === 1) {
      const [x, low, high] = first;
      return `<line class="line" style="stroke:${colour}" x1="${px(x)}" x2="${px(x)}" y1="${py(low)}" y2="${py(high)}"/>`;
    }
    const there = band.map(([x, , high]) => `${px(x)} ${py(high)}`);
    const back = band.toReversed().map(([x, low]) => `${px(x)} ${py(low)}`);
    return `<path class="band" style="fill:${colour}" d="M${[...there, ...back].join('L')}Z"/>`;
  }
}

/** The names of the lines, in rows that end before `right`, and the height that all rows but the first take. */
function legend(series: readonly Series[], right: number): { readonly drawn: string; readonly more: number } {
  let [x, y] = [margin.left, 33];
  const drawn = series.map(({ name, dashed }, index) => {
    const wide = 30 + name.length * 6.2;
    if (x > margin.left && x + wide - 9 > right) [x, y] = [margin.left, y + legendRow];
    const at = x;
    x += wide;
    const dash = dashed ? ' stroke-dasharray="5 4"' : '';
    return (
      `<line class="line" style="stroke:var(--series-${index % 6})"${dash} x1="${at}" x2="${at + 16}" y1="${y}" y2="${y}"/>` +
      `<text class="tick" x="${at + 21}" y="${y + 4}">${escapeText(name)}</text>`
    );
  });
  return { drawn: drawn.join(''), more: y - 33 };
}

type Point = readonly [number, number];

function runsOf(points: readonly Point[], drawable: (point: Point) => boolean): Point[][] {
  const runs: Point[][] = [];
  let open = false;
  for (const point of points) {
    if (!drawable(point)) open = false;
    else if (open) runs.at(-1)!.push(point);
    else {
      runs.push([point]);
      open = true;
    }
  }
  return runs;
}

function thinned(run: Point[]): Point[] {
  if (run.length <= 2 * stretches) return run;
  return Array.from({ length: stretches }, (_, index) => {
    const part = run.slice(
      Math.floor((index * run.length) / stretches),
      Math.floor(((index + 1) * run.length) / stretches),
    );
    const least = part.reduce((best, point) => (point[1] < best[1] ? point : best));
    const greatest = part.reduce((best, point) => (point[1] > best[1] ? point : best));
    return least[0] < greatest[0] ? [least, greatest] : [greatest, least];
  }).flat();
}

function averaged(run: Point[]): Point[] {
  if (run.length <= 2 * trendPoints) return run;
  return Array.from({ length: trendPoints }, (_, index) => {
    const cut = (at: number) => Math.floor((at * run.length) / trendPoints);
    const part = run.slice(cut(index), cut(index + 1));
    const mean = (axis: 0 | 1) => part.reduce((sum, point) => sum + point[axis], 0) / part.length;
    return [mean(0), mean(1)];
  });
}

function rangeOf(values: readonly number[], pad: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === high) return [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  return [low - pad * (high - low), high + pad * (high - low)];
}

/** About `count` round numbers (1, 2 or 5 times a power of ten apart) within the range. */
export function ticks([low, high]: readonly [number, number], count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= raw * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** Exponents of the ticks: whole decades, with 2 and 5 between them where there are few. */
function logTicks([low, high]: readonly [number, number]): number[] {
  const factors = high - low > 2.5 ? [1] : high - low > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
  const every = Math.max(1, Math.ceil((high - low) / 8));
  const result: number[] = [];
  for (let decade = Math.floor(low); decade <= high; decade++) {
    if (decade % every) continue;
    result.push(...factors.map((factor) => decade + Math.log10(factor)).filter((at) => at >= low && at <= high));
  }
  // A range within one step of these has none of them.
  return result.length > 1 ? result : [low + 0.1 * (high - low), high - 0.1 * (high - low)];
}

function label(value: number): string {
  if (Math.abs(value) < 1e-12) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text as HTML and SVG show it. */
export function escapeText(value: string): string {
  return value.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
