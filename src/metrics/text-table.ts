/** Text tables of at most 80 columns: the first column is shortened where the others leave too little room. */
import type { Estimate } from './bootstrap.js';

const WIDTH = 80;
const GAP = '  ';
/** A first column is not made narrower than this. */
const NARROWEST = 8;

/** A header, a rule and the rows; the first two columns are aligned to the left and the others to the right. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => lengthOf(line[column]!))));
  const others = widths.slice(1).reduce((sum, width) => sum + width + GAP.length, 0);
  widths[0] = Math.min(widths[0]!, Math.max(NARROWEST, WIDTH - others));
  const text = (line: readonly string[]) =>
    line
      .map((cell, column) => pad(shorten(cell, widths[column]!), widths[column]!, column < 2))
      .join(GAP)
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join(GAP);
  return [text(header), rule, ...rows.map(text)].join('\n');
}

/** Value, interval and number of cases as cells; a dash where there is none. */
export function estimateColumns({ value, low, high, cases }: Estimate, digits: number): string[] {
  const number = (it: number | null) => (it === null ? '-' : it.toFixed(digits));
  return [number(value), low === null ? '-' : `${number(low)} … ${number(high)}`, String(cases)];
}

const lengthOf = (text: string) => [...text].length;

function shorten(text: string, width: number): string {
  const letters = [...text];
  return letters.length > width ? `${letters.slice(0, width - 1).join('')}…` : text;
}

function pad(text: string, width: number, left: boolean): string {
  const space = ' '.repeat(width - lengthOf(text));
  return left ? text + space : space + text;
}
