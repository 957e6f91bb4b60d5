/**
 * Points of a plane by class, as SVG text that stands in an HTML page and follows its theme. Pure: numbers in, text
 * out.
 */
import { escapeText } from './curves.js';
import { classColour } from './overlay.js';

export interface ScatterOptions {
  readonly title: string;
  /** `[n, 2]`, x and y of each point, in any unit; both axes have one scale and no numbers. */
  readonly points: Float64Array;
  /** The class of each point; 0 is drawn in gray. */
  readonly labels: Uint8Array;
  /** Names of the classes by index. */
  readonly classes: readonly string[];
}

const width = 460;
const height = 470;
const top = 58;
const margin = 14;

export function scatterPlot({ title, points, labels, classes }: ScatterOptions): string {
  const xs = points.filter((_, at) => at % 2 === 0);
  const ys = points.filter((_, at) => at % 2 === 1);
  const [left, right] = [least(xs), -least(xs.map((x) => -x))];
  const [low, high] = [least(ys), -least(ys.map((y) => -y))];
  const [wide, tall] = [width - 2 * margin, height - top - margin];
  const scale = Math.min(wide / (right - left || 1), tall / (high - low || 1));
  const place = (index: number) => [
    width / 2 + (xs[index]! - (left + right) / 2) * scale,
    top + tall / 2 - (ys[index]! - (low + high) / 2) * scale,
  ];
  const present = [...new Set(labels)].sort((a, b) => a - b);
  // The points take turns, so that no class lies over all others.
  const dots = Array.from(labels, (label, index) => {
    const [x, y] = place(index).map((value) => value.toFixed(1));
    return `<circle r="2.4" cx="${x}" cy="${y}" fill="${colourOf(label)}" fill-opacity=".75"/>`;
  });
  const order = dots.map((_, index) => index).sort((a, b) => mixed(a) - mixed(b));
  let at = margin;
  const legend = present.map((label) => {
    const name = classes[label] ?? `class ${label}`;
    const x = Math.round(at);
    at += 24 + name.length * 6.2;
    return (
      `<circle r="5" cx="${x + 5}" cy="38" fill="${colourOf(label)}"/>` +
      `<text class="tick" x="${x + 14}" y="42">${escapeText(name)}</text>`
    );
  });
  return [
    `<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">`,
    `<text class="plot-title" x="${margin}" y="20">${escapeText(title)}</text>`,
    ...legend,
    ...order.map((index) => dots[index]!),
    '</svg>',
  ].join('\n');
}

function colourOf(label: number): string {
  return label === 0 ? '#8a929b' : `rgb(${classColour(label).join(' ')})`;
}

function least(values: Float64Array): number {
  return values.reduce((smallest, value) => Math.min(smallest, value), Number.POSITIVE_INFINITY);
}

/** A number of its own for every index, in no order that the eye would see. */
function mixed(index: number): number {
  return Math.imul(index + 1, 0x9e3779b1) >>> 0;
}
