/** Lists as text: all of them in words, or the first few and how many more there are. */

/** `a, b and c`; empty of none. */
export function inWords(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}

/** Names in one line, such as `a, b and 3 more`. */
export function firstFew(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** The lines of each item, and one, `  … and 3 more`, for those beyond the first. */
export function firstFewLines<T>(items: readonly T[], most: number, linesOf: (item: T) => readonly string[]): string[] {
  const lines = items.slice(0, most).flatMap(linesOf);
  return items.length > most ? [...lines, `  … and ${items.length - most} more`] : lines;
}
