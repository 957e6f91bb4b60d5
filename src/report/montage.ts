/** Several pictures as one: cells in rows, each under its title. */
import { enlarge, letterWidth, type Picture, paste, picture, text, textHeight } from './canvas.js';
import type { Colour } from './colour.js';

export interface MontageOptions {
  /** Cells in a row. */
  readonly columns: number;
  /** How many pixels a pixel of the letters takes. */
  readonly letters?: number;
}

const ink: Colour = [225, 228, 232];
const ground: Colour = [24, 27, 31];
const gap = 6;

/**
 * Lays out the cells from left to right, row after row. A row is as high as its highest cell, a column as wide as the widest
 * of all; a title that does not fit is cut.
 */
export function montage(
  cells: readonly (readonly [title: string, cell: Picture])[],
  { columns, letters = 1 }: MontageOptions,
): Picture {
  const width = Math.max(...cells.map(([, cell]) => cell.width));
  const heading = (textHeight + 6) * letters;
  const rows = Math.ceil(cells.length / columns);
  const tops = [gap];
  for (let row = 0; row < rows; row++) {
    const heights = cells.slice(row * columns, (row + 1) * columns).map(([, cell]) => cell.height);
    tops.push(tops[row]! + Math.max(...heights) + heading + gap);
  }
  const result = picture(tops[rows]!, columns * (width + gap) + gap, ground);
  cells.forEach(([title, cell], index) => {
    const top = tops[Math.floor(index / columns)]!;
    const left = gap + (index % columns) * (width + gap);
    const words = title.slice(0, Math.floor(width / letterWidth / letters));
    if (words) paste(result, enlarge(titlePicture(words), letters), top, left);
    paste(result, cell, top + heading, left);
  });
  return result;
}

function titlePicture(words: string): Picture {
  const title = picture(textHeight + 1, words.length * letterWidth, ground);
  text(title, 0, 0, words, ink);
  return title;
}
