/**
 * A montage of a sample's maps: images, shares from 0 to 1, and features by their first three principal components. A
 * volume is shown in the three planes through its middle, a row for each.
 */
import { invariant } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { DENSITY, enlarge, type Picture, paint } from './canvas.js';
import { gray, viridis } from './colour.js';
import { montage } from './montage.js';
import { coloursPicture, pcaColours } from './pca-picture.js';
import { displayRange } from './photo.js';
import { inPlane, type Plane, planesThrough } from './planes.js';

export interface MapCell {
  readonly title: string;
  /** `[C, ...S]`; of an image or a share the first channel is shown. All cells have the same S. */
  readonly map: Tensor;
  /** An image; all of a panel share their range of gray; a share, from 0 to 1 in colours; or features. */
  readonly as: 'gray' | 'share' | 'features';
  /** `[1, ...S]`; where it is 0 a share is not shown. */
  readonly mask?: Tensor;
}

/**
 * Draws the montage; each cell is enlarged by a whole number to about 200 pixels of a page.
 * @param columns cells in a row of an image; a volume's planes have a row each
 */
export function samplePanel(cells: readonly MapCell[], columns = cells.length): Picture {
  const grid = cells[0]!.map.shape.slice(1);
  for (const { map } of cells) invariant(map.shape.slice(1).join() === grid.join(), 'the cells share their extents');
  const zoom = Math.max(1, Math.round((200 * DENSITY) / Math.max(...grid)));
  const shown = cells.map((cell) => (cell.as === 'features' ? { ...cell, map: pcaColours(cell.map) } : cell));
  const images = cells.filter(({ as }) => as === 'gray').map(({ map }) => map);
  const range = displayRange(images);
  const planes = planesThrough(grid.map((extent) => extent >> 1));
  const rows = planes.map((plane) =>
    shown.map((cell, index): [string, Picture] => [
      index === 0 && plane.name ? `${plane.name}: ${cell.title}` : cell.title,
      enlarge(cellPicture(cell, plane, grid, range), zoom),
    ]),
  );
  return montage(rows.flat(), { columns: planes.length > 1 ? cells.length : columns });
}

function cellPicture(
  { map, as, mask }: MapCell,
  plane: Plane,
  grid: readonly number[],
  [black, white]: readonly [number, number],
): Picture {
  const values = inPlane(map, plane, grid);
  if (as === 'features') return coloursPicture(values);
  const [height, width] = values.shape.slice(1) as [number, number];
  const inside = inPlane(mask ?? ones(map), plane, grid);
  return paint(height, width, (row, column) => {
    const at = row * width + column;
    if (as === 'gray') return gray((values.data[at]! - black) / (white - black));
    return inside.data[at]! > 0.5 ? viridis(values.data[at]!) : gray(0.3);
  });
}

function ones({ shape }: Tensor): Tensor {
  const all = tensor([1, ...shape.slice(1)]);
  all.data.fill(1);
  return all;
}
