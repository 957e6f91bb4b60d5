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
 * Lays out the cells from left to right, row after row. All have the room of the largest; a title that does not fit over
 * its cell is cut.
 */
export function montage(
  cells: readonly (readonly [title: string, cell: Picture])[],
  { columns, letters = 1 }: MontageOptions,
): Picture {
  const height = Math.max(...cells.map(([, cell]) => cell.height));
  const width = Math.max(...cells.map(([, cell]) => cell.width));
  const heading = (textHeight + 6) * letters;
  const rows = Math.ceil(cells.length / columns);
  const result = picture(rows * (height + heading + gap) + gap, columns * (width + gap) + gap, ground);
  cells.forEach(([title, cell], index) => {
    const top = gap + Math.floor(index / columns) * (height + heading + gap);
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
