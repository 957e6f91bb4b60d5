/**
 * Comma-separated values after RFC 4180, with line feeds: fields with a separator, a quote or a line break are quoted.
 * A text that a spreadsheet would run as a formula gets an apostrophe in front, which makes it text there; numbers stay
 * numbers.
 */

export type Field = string | number | null;

/**
 * What begins a formula, also in its full width, at the start of a text or behind what some spreadsheets take for a
 * separator.
 */
const FORMULA = /(?<=^|[;\t\r\n])(?=[=+\-@＝＋－＠\t\r\n])/g;
/** A text that is a number runs nothing. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** @example csv([['case', 'dice'], ['a, left', 0.9]]) // 'case,dice\n"a, left",0.9\n' */
export function csv(rows: readonly (readonly Field[])[]): string {
  return rows.map((row) => `${row.map(fieldText).join(',')}\n`).join('');
}

function fieldText(field: Field): string {
  if (field === null) return '';
  if (typeof field === 'number') return String(field);
  const text = NUMBER.test(field) ? field : field.replace(FORMULA, "'");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
