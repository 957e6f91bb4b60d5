/**
 * Names of files as a terminal may show them. A name can hold any character: escape sequences that recolour or rewrite
 * the screen, newlines that forge a line, marks that reverse the reading direction. They are written as `\x1b`, `\n`,
 * `\u202e`.
 */

/** Control characters, marks of direction, separators of lines, and halves of surrogate pairs. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * The text with everything that a terminal would obey or hide written out.
 * @example printable('scan\u001b[2J.png') // 'scan\\x1b[2J.png'
 */
export function printable(text: string): string {
  return text.replace(HIDDEN, (character) => SHORT[character] ?? escaped(character.charCodeAt(0)));
}

/** The same for a text of several lines, whose ends stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** The same for the message of an error: what goes on in another line is indented, any other newline is of a name. */
export function printableMessage(message: string): string {
  return message
    .split(/\n(?= {2})/)
    .map(printable)
    .join('\n');
}

function escaped(code: number): string {
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
