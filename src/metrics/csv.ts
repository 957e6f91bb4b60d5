/** Comma-separated values after RFC 4180, with line feeds: fields with a comma, a quote or a line break are quoted. */

export type Field = string | number | null;

/** @example csv([['case', 'dice'], ['a, left', 0.9]]) // 'case,dice\n"a, left",0.9\n' */
export function csv(rows: readonly (readonly Field[])[]): string {
  return rows.map((row) => `${row.map(fieldText).join(',')}\n`).join('');
}

function fieldText(field: Field): string {
  if (field === null) return '';
  const text = String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
