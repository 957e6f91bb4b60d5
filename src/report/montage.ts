/** Several pictures as one: cells in rows, each under its title. */
import { DENSITY, type Picture, paste, picture, text } from './canvas.js';
import type { Colour } from './colour.js';
import { fittingText } from './font.js';

export interface MontageOptions {
  /** Cells in a row. */
  readonly columns: number;
}

const ink: Colour = [225, 228, 232];
const ground: Colour = [24, 27, 31];
const gap = 4 * DENSITY;
/** The height of the capitals of a title, and of the line that it stands in. */
const size = 9 * DENSITY;
export const heading = 20 * DENSITY;

/**
 * Lays out the cells from left to right, row after row. A row is as high as its highest cell, a column as wide as the
 * widest of all; a title that does not fit ends with an ellipsis.
 */
export function montage(
  cells: readonly (readonly [title: string, cell: Picture])[],
  { columns }: MontageOptions,
): Picture {
  const width = Math.max(...cells.map(([, cell]) => cell.width));
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
    text(result, top + 4 * DENSITY, left + 2 * DENSITY, fittingText(title, size, width - 4 * DENSITY), ink, size);
    paste(result, cell, top + heading, left);
  });
  return result;
}
