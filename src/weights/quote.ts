/**
 * Text from a file, made fit for a message: one line, short, and without the control characters that steer a terminal.
 */

/** Any value as short JSON. */
export function quote(value: unknown): string {
  const text = plain(JSON.stringify(value) ?? 'nothing');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** The text with `?` for every control character. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
