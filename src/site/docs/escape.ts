const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it stands in HTML and in its attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
