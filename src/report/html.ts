/**
 * The report of a run: one HTML file with everything inside of it — no script, no link, no request — so that it can be
 * mailed and still opens in ten years. It is drawn from the records of `metrics.jsonl` alone.
 */
import { base64 } from '../core/base64.js';
import { dotted } from '../core/dotted.js';
import { DENSITY } from './canvas.js';
import { escapeText, linePlot, type PlotOptions, type Series } from './curves.js';
import { classColour } from './overlay.js';
import { htmlPage, htmlTable } from './page.js';
import { type ScatterOptions, scatterPlot } from './scatter.js';

/** One line of `metrics.jsonl`: `kind` is `train` or `validation`, `step` counts from 0; other kinds are ignored. */
export type MetricRecord = Readonly<Record<string, unknown>>;

export interface ReportSample {
  readonly name: string;
  readonly png: Uint8Array;
  readonly caption: string;
}

/** What the report is about, in a question, and what came of it, in a sentence or two. */
export interface Answer {
  readonly question: string;
  readonly answer: string;
}

export interface Report {
  readonly title: string;
  readonly answer?: Answer;
  /** Names of the classes that pictures colour, the first of them without a colour. */
  readonly classes?: readonly string[];
  /** The complete configuration; nested objects become dotted names. */
  readonly config: object;
  readonly samples: readonly ReportSample[];
  /** Pictures of the beginning, to compare with; they stand behind the curves. */
  readonly earlier?: readonly ReportSample[];
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
  answer,
  classes = [],
  config,
  samples,
  earlier = [],
  summary,
  plots: chosen,
  tables = [],
  scatters = [],
}: Report): string {
  const plots = chosen.map((plot) => `<figure>${linePlot(plot)}${noteOf(plot)}</figure>`);
  const pictures = samples.map(sampleFigure);
  const rows = dotted(config).map(([name, value]) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return `<tr><th scope="row">${escapeText(name)}</th><td>${escapeText(text)}</td></tr>`;
  });
  return htmlPage(
    title,
    `${answer ? answerOf(answer) : ''}
${pictures.length > 0 ? classLegend(classes) : ''}
${pictures.join('\n')}
${answer ? '<h2>In numbers</h2>' : ''}
${summaryOf(summary)}
${tables.map(tableOf).join('\n')}
<h2>Curves</h2>
<div class="plots">
${plots.join('\n')}
</div>
${scatters.length ? `<h2>Scatter plots</h2>\n<div class="plots">\n${scatters.map((one) => `<figure>${scatterPlot(one)}</figure>`).join('\n')}\n</div>` : ''}
${earlier.length ? `<h2>At the start</h2>\n${earlier.map(sampleFigure).join('\n')}` : ''}
<h2>Configuration</h2>
<div class="wide"><table>${rows.join('\n')}</table></div>`,
  );
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

/** A picture with its caption, inside of the page, at its size on a screen of the usual density. */
export function sampleFigure({ name, png, caption }: ReportSample): string {
  const pixels = widthOf(png);
  const width = pixels ? ` width="${Math.round(pixels / DENSITY)}"` : '';
  return (
    `<figure class="sample"><img alt="${escapeText(name)}"${width} src="data:image/png;base64,${base64(png)}">` +
    `<figcaption><b>${escapeText(name)}</b> ${escapeText(caption)}</figcaption></figure>`
  );
}

/** The width that a PNG names; null for what is none. */
function widthOf(png: Uint8Array): number | null {
  if (png.length < 24 || png[1] !== 0x50) return null;
  return new DataView(png.buffer, png.byteOffset).getUint32(16);
}

/** The question and its answer, as they stand at the top of a page. */
export function answerOf({ question, answer }: Answer): string {
  return `<p class="question">${escapeText(question)}</p>\n<p class="answer">${escapeText(answer)}</p>`;
}

/** The colours of the classes in pictures; nothing where there is none. */
export function classLegend([, ...classes]: readonly string[]): string {
  if (classes.length === 0) return '';
  const entries = classes.map(
    (name, index) =>
      `<li><i style="background: rgb(${classColour(index + 1)
        .map(Math.round)
        .join(', ')})"></i>${escapeText(name)}</li>`,
  );
  return `<ul class="classes">${entries.join('')}</ul>`;
}

function noteOf({ note }: PlotOptions): string {
  return note ? `<figcaption>${escapeText(note)}</figcaption>` : '';
}

/** JSON has no NaN: a diverged value arrives as null or text and interrupts the line. */
function number(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

/** Named values as tiles, or a paragraph. */
export function summaryOf(summary: Report['summary']): string {
  if (typeof summary === 'string') return `<p>${escapeText(summary)}</p>`;
  const tiles = Object.entries(summary).map(
    ([name, value]) =>
      `<div><dt>${escapeText(name)}</dt><dd>${escapeText(typeof value === 'number' ? String(Number(value.toPrecision(4))) : value)}</dd></div>`,
  );
  return `<dl>${tiles.join('')}</dl>`;
}

function tableOf({ title, caption, header, rows }: ReportTable): string {
  return `<h2>${escapeText(title)}</h2>\n<p>${escapeText(caption)}</p>\n${htmlTable(header, rows)}`;
}
