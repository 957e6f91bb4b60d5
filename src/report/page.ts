/**
 * The frame of every report: one HTML document with its style inside, in the reader's light or dark theme, and tables
 * for it.
 */
import { escapeText } from './curves.js';

/** @param body HTML; @returns a complete document */
export function htmlPage(title: string, body: string): string {
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
${body}
</main>
</body>
</html>
`;
}

/** A table of texts with a header; the first cell of each row names it. Texts are escaped. */
export function htmlTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = header.map((text) => `<th scope="col">${escapeText(text)}</th>`).join('');
  const body = rows.map(([name = '', ...cells]) => {
    const values = cells.map((text) => `<td>${escapeText(text)}</td>`).join('');
    return `<tr><th scope="row">${escapeText(name)}</th>${values}</tr>`;
  });
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

/** Colours of the reader's theme. */
const theme = `
:root { color-scheme: light dark; --ink: #1c2126; --faint: #626b75; --rule: #dde1e6; --ground: #ffffff; --card: #f6f7f9;
  --series-0: #1f6fb5; --series-1: #d1600f; --series-2: #2a8a4a; --series-3: #8a4fbf; --series-4: #b8324a; --series-5: #5f6b76; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e7eb; --faint: #9aa4ae; --rule: #343b43; --ground: #15181c; --card: #1d2126;
  --series-0: #63aef0; --series-1: #f29a52; --series-2: #63c585; --series-3: #bd92ea; --series-4: #ee7a8d; --series-5: #a7b1bb; } }
`;

/** What a plot is drawn with. */
const plotStyle = `
.plot-title { font: 600 14px system-ui, sans-serif; fill: var(--ink); } .tick { font: 11px system-ui, sans-serif; fill: var(--faint); }
.grid { stroke: var(--rule); } .axis { stroke: var(--faint); fill: none; } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.noisy { opacity: .3; stroke-width: 1; } .band { stroke: none; opacity: .16; }
`;

/** A plot as a file of its own, with its style inside. @param plot what `linePlot` or `scatterPlot` drew */
export function svgFile(plot: string): string {
  const ground = '<rect width="100%" height="100%" fill="var(--ground)"/>';
  return `${plot.replace(/^<svg ([^>]*)>/, `<svg xmlns="http://www.w3.org/2000/svg" $1><style>${theme}${plotStyle}</style>${ground}`)}\n`;
}

const style = `${theme}${plotStyle}
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { font-size: 1.6rem; margin: 0 0 .6rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .8rem; }
dl { display: flex; flex-wrap: wrap; gap: 10px; margin: 0; } dl div { background: var(--card); border-radius: 6px; padding: 8px 14px; }
dt { color: var(--faint); font-size: .8rem; } dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
figure { margin: 0; } .plots { margin-top: 14px; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 14px; }
.plots figure { background: var(--card); border-radius: 6px; padding: 6px; max-width: 560px; } .plot { display: block; width: 100%; height: auto; }
.sample { margin-bottom: 18px; } .sample img { display: block; max-width: 100%; height: auto; border-radius: 4px; }
h1 { overflow-wrap: break-word; } .classes { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 14px; padding: 0; list-style: none; }
.classes i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .45em; } .question { color: var(--faint); margin: 0; } .answer { font-size: 1.2rem; line-height: 1.45; margin: .2rem 0 1.4rem; max-width: 46em; }
.plots figcaption { padding: 0 8px 6px; }
figcaption { color: var(--faint); font-size: .88rem; margin-top: 4px; } figcaption b { color: var(--ink); }
table { border-collapse: collapse; font-size: .88rem; } th, td { text-align: left; padding: 3px 18px 3px 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; overflow-wrap: anywhere; } th[scope=row] { min-width: 11em; overflow-wrap: break-word; } th { font-weight: 500; color: var(--faint); }
@media (max-width: 700px) { .sample { overflow-x: auto; } .sample img { max-width: 200%; } .sample figcaption { position: sticky; left: 0; } }
.wide { overflow-x: auto; } .wide th, .wide td { overflow-wrap: break-word; } .wide td { font-variant-numeric: tabular-nums; } .wide th[scope=row] { color: var(--ink); }
`;
