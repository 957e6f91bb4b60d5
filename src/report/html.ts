/**
 * The report of a run: one HTML file with everything inside of it — no script, no link, no request — so that it can be
 * mailed and still opens in ten years. It is drawn from the records of `metrics.jsonl` alone.
 */
import { escapeText, linePlot, type PlotOptions, type Series } from './curves.js';
import { type ScatterOptions, scatterPlot } from './scatter.js';

/** One line of `metrics.jsonl`: `kind` is `train` or `validation`, `step` counts from 0; other kinds are ignored. */
export type MetricRecord = Readonly<Record<string, unknown>>;

export interface ReportSample {
  readonly name: string;
  readonly png: Uint8Array;
  readonly caption: string;
}

export interface Report {
  readonly title: string;
  /** The complete configuration; nested objects become dotted names. */
  readonly config: object;
  readonly samples: readonly ReportSample[];
  /** A paragraph, or named values in the order they are shown. */
  readonly summary: string | Readonly<Record<string, string | number>>;
  /** The curves. */
  readonly plots: readonly PlotOptions[];
  readonly tables?: readonly ReportTable[];
  readonly scatters?: readonly ScatterOptions[];
}

/** Rows of cells under a header; the first cell of each names its row. */
export interface ReportTable {
  readonly title: string;
  /** A sentence that says how to read it. */
  readonly caption: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** @returns a complete HTML document; texts are escaped */
export function renderReport({
  title,
  config,
  samples,
  summary,
  plots: chosen,
  tables = [],
  scatters = [],
}: Report): string {
  const plots = chosen.map((plot) => `<figure>${linePlot(plot)}</figure>`);
  const pictures = samples.map(
    ({ name, png, caption }) =>
      `<figure class="sample"><img alt="${escapeText(name)}" src="data:image/png;base64,${Buffer.from(png).toString('base64')}">` +
      `<figcaption><b>${escapeText(name)}</b> ${escapeText(caption)}</figcaption></figure>`,
  );
  const rows = flatten(config).map(
    ([name, value]) => `<tr><th scope="row">${escapeText(name)}</th><td>${escapeText(value)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeText(title)}</h1>
${summaryOf(summary)}
${tables.map(tableOf).join('\n')}
<h2>Curves</h2>
<div class="plots">
${plots.join('\n')}
</div>
${scatters.length ? `<h2>Scatter plots</h2>\n<div class="plots">\n${scatters.map((one) => `<figure>${scatterPlot(one)}</figure>`).join('\n')}\n</div>` : ''}
${pictures.length ? `<h2>Samples</h2>\n${pictures.join('\n')}` : ''}
<h2>Configuration</h2>
<table>${rows.join('\n')}</table>
</main>
</body>
</html>
`;
}

/** The values of one key over the steps, from the records of one kind. */
export function metricSeries(
  metrics: readonly MetricRecord[],
  kind: string,
  key: string,
  name: string,
  dashed = false,
): Series {
  return {
    name,
    dashed,
    points: metrics
      .filter((record) => record.kind === kind && key in record)
      .map((record) => [number(record.step), number(record[key])]),
  };
}

/** JSON has no NaN: a diverged value arrives as null or text and interrupts the line. */
function number(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function summaryOf(summary: Report['summary']): string {
  if (typeof summary === 'string') return `<p>${escapeText(summary)}</p>`;
  const tiles = Object.entries(summary).map(
    ([name, value]) =>
      `<div><dt>${escapeText(name)}</dt><dd>${escapeText(typeof value === 'number' ? String(Number(value.toPrecision(4))) : value)}</dd></div>`,
  );
  return `<dl>${tiles.join('')}</dl>`;
}

function tableOf({ title, caption, header, rows }: ReportTable): string {
  const head = header.map((cell) => `<th scope="col">${escapeText(cell)}</th>`).join('');
  const body = rows.map(
    ([name, ...cells]) =>
      `<tr><th scope="row">${escapeText(name ?? '')}</th>${cells.map((cell) => `<td>${escapeText(cell)}</td>`).join('')}</tr>`,
  );
  return `<h2>${escapeText(title)}</h2>\n<p>${escapeText(caption)}</p>\n<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

/** Dotted names and values as text; lists stay on one line. */
function flatten(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    const name = prefix ? `${prefix}.${key}` : key;
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner)) return flatten(inner as object, name);
    return [[name, typeof inner === 'string' ? inner : (JSON.stringify(inner) ?? '')]];
  });
}

const style = `
:root { color-scheme: light dark; --ink: #1c2126; --faint: #626b75; --rule: #dde1e6; --ground: #ffffff; --card: #f6f7f9;
  --series-0: #1f6fb5; --series-1: #d1600f; --series-2: #2a8a4a; --series-3: #8a4fbf; --series-4: #b8324a; --series-5: #5f6b76; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e7eb; --faint: #9aa4ae; --rule: #343b43; --ground: #15181c; --card: #1d2126;
  --series-0: #63aef0; --series-1: #f29a52; --series-2: #63c585; --series-3: #bd92ea; --series-4: #ee7a8d; --series-5: #a7b1bb; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { font-size: 1.6rem; margin: 0 0 .6rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .8rem; }
dl { display: flex; flex-wrap: wrap; gap: 10px; margin: 0; } dl div { background: var(--card); border-radius: 6px; padding: 8px 14px; }
dt { color: var(--faint); font-size: .8rem; } dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
figure { margin: 0; } .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 14px; }
.plots figure { background: var(--card); border-radius: 6px; padding: 6px; } .plot { display: block; width: 100%; height: auto; }
.plot-title { font: 600 14px system-ui, sans-serif; fill: var(--ink); } .tick { font: 11px system-ui, sans-serif; fill: var(--faint); }
.grid { stroke: var(--rule); } .axis { stroke: var(--faint); fill: none; } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.noisy { opacity: .3; stroke-width: 1; }
.sample { margin-bottom: 18px; } .sample img { display: block; max-width: 100%; height: auto; border-radius: 4px; }
figcaption { color: var(--faint); font-size: .88rem; margin-top: 4px; } figcaption b { color: var(--ink); }
table { border-collapse: collapse; font-size: .88rem; } th, td { text-align: left; padding: 3px 18px 3px 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; overflow-wrap: anywhere; } .wide { overflow-x: auto; } .wide td { font-variant-numeric: tabular-nums; } .wide th[scope=row] { color: var(--ink); } th { font-weight: 500; color: var(--faint); }
`;
