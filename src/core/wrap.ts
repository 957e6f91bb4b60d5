/** Text for a terminal of 80 columns. */
import { printable } from './printable.js';

const WIDTH = 80;

/** Breaks text at spaces, so that no line is longer than `width` columns unless a single word is. */
export function wrap(text: string, width = WIDTH): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && longer.length > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
  }
  return lines.join('\n');
}

/** Printable lines of at most `width` columns; a longer word is cut. */
export function wrapWords(text: string, width: number): string[] {
  const words = text.split(' ').map((word) => keepEnd(printable(word), width));
  return wrap(words.join(' '), width).split('\n');
}

/** Printable lines of at most 80 columns, indented after the first; a longer word is cut. */
export function hangingLines(text: string): string[] {
  return wrapWords(text, WIDTH - 2).map((line, index) => (index === 0 ? line : `  ${line}`));
}

/** Text of at most `width` columns: the end of a path tells files apart, so the start gives way. */
export function keepEnd(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}
