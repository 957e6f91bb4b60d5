/**
 * One montage of a pair of views: moving, fixed, the moving view warped by the predicted field, the features' first
 * three principal components, both fields with arrows, the endpoint error and the legend. A volume is shown in the
 * three planes through the point of the largest error within the fixed view, a row for each; an image has one plane.
 */
import { invariant } from '../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { DENSITY, enlarge, type Picture, paint, paste, picture, setPixel, stretched } from './canvas.js';
import { type Colour, gray, viridis } from './colour.js';
import { colourWheel, fieldArrows, fieldColours, fieldScale } from './field.js';
import { montage } from './montage.js';
import { coloursPicture, pcaColours } from './pca-picture.js';
import { displayRange } from './photo.js';
import { fieldInPlane, inPlane, type Plane, planesThrough } from './planes.js';

export interface PairPanel {
  /** `[C, ...S]`, any range; the first channel is shown. Both views share one gray scale. Volumes in RAS. */
  readonly moving: Tensor;
  readonly fixed: Tensor;
  /** The moving view warped by the predicted field, `[C, ...S]`. */
  readonly warped: Tensor;
  /** `[nd, ...S]`, in pixels. */
  readonly trueField: Tensor;
  readonly predictedField: Tensor;
  /** `[1, ...S]`, 0 or 1; pixels at 0 are dimmed in fields and error. */
  readonly mask: Tensor;
  /** `[C', ...S']`; stretched over the view where it is coarser. */
  readonly features?: Tensor;
}

/** Draws the montage; each cell is enlarged by a whole number to about 200 pixels of a page. */
export function pairPanel({ moving, fixed, warped, trueField, predictedField, mask, features }: PairPanel): Picture {
  const grid = trueField.shape.slice(1);
  for (const part of [moving, fixed, warped, predictedField, mask]) {
    invariant(
      part.data.length % sizeOf(grid) === 0 && part.shape.at(-1) === grid.at(-1),
      'the parts of a panel share their extents',
    );
  }
  const zoom = Math.max(1, Math.round((200 * DENSITY) / Math.max(...grid)));
  const first = (view: Tensor) => tensor([1, ...grid], view.data.subarray(0, sizeOf(grid)));
  const range = displayRange([first(moving), first(fixed)]);
  const full = fieldScale(trueField, 0.98, mask);
  // On this scale a zero field's error is the brightest colour.
  const worst = Math.max(1, full);
  const errors = tensor([1, ...grid], endpointErrors(trueField, predictedField));
  const colours = features && pcaColours(features);
  const row = (plane: Plane): [title: string, cell: Picture][] => {
    const cut = (part: Tensor) => inPlane(part, plane, grid);
    const inside = cut(mask);
    const [height, width] = inside.shape.slice(1) as [number, number];
    const valueCell = (values: Tensor, colour: (value: number) => Colour) =>
      paint(height, width, (y, x) => colour(values.data[y * width + x]!));
    const view = (image: Tensor) =>
      enlarge(
        valueCell(cut(image), (value) => gray((value - range[0]) / (range[1] - range[0]))),
        zoom,
      );
    const field = (of: Tensor) => {
      const flat = fieldInPlane(of, plane);
      const cell = enlarge(dimmed(fieldColours(flat, full), inside), zoom);
      fieldArrows(cell, flat, { zoom, mask: inside });
      return cell;
    };
    const errorMap = valueCell(cut(errors), (value) => (Number.isFinite(value) ? viridis(value / worst) : [255, 0, 0]));
    const cells: [string, Picture][] = [
      [plane.name ? `${plane.name}: moving` : 'moving', view(moving)],
      ['fixed', view(fixed)],
      ['warped moving', view(warped)],
    ];
    if (colours) {
      cells.push(['features PCA', stretched(coloursPicture(cut(colours)), height * zoom, width * zoom)]);
    }
    cells.push(
      ['true field', field(trueField)],
      ['predicted field', field(predictedField)],
      [`error 0-${worst.toFixed(1)} ${unit}`, enlarge(dimmed(errorMap, inside), zoom)],
      [`legend: ${full.toFixed(1)} ${unit}`, legend(height * zoom, width * zoom)],
    );
    return cells;
  };
  const unit = grid.length === 3 ? 'voxels' : 'px';
  const rows = planesThrough(largest(errors, mask, fixed)).map(row);
  // An image's cells make two rows of four; a volume's planes have a row each, and one legend for all.
  if (rows.length === 1) return montage(rows[0]!, { columns: 4 });
  const columns = rows[0]!.length;
  const blank: [string, Picture] = ['', picture(0, 0)];
  return montage([...rows[0]!, ...rows.slice(1).flatMap((cells) => [...cells.slice(0, -1), blank])], { columns });
}

/** Where the masked errors are largest and the view is not empty; the middle where there is no such place. */
function largest({ data, shape }: Tensor, mask: Tensor, view: Tensor): number[] {
  const grid = shape.slice(1);
  const empty = view.data.subarray(0, data.length).reduce((least, value) => Math.min(least, value), Infinity);
  let found = -1;
  for (let index = 0; index < data.length; index++) {
    if (mask.data[index]! > 0.5 && view.data[index]! > empty && !(data[index]! <= data[found]!)) found = index;
  }
  if (found < 0) return grid.map((extent) => extent >> 1);
  const point = new Array<number>(grid.length);
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    point[axis] = found % grid[axis]!;
    found = Math.floor(found / grid[axis]!);
  }
  return point;
}

function legend(height: number, width: number): Picture {
  const cell = picture(height, width, [255, 255, 255]);
  const size = Math.floor(0.8 * Math.min(height, width));
  paste(cell, colourWheel(size), Math.floor((height - size) / 2), Math.floor((width - size) / 2));
  const bar = Math.max(2, Math.floor(height * 0.05));
  for (let row = height - bar; row < height; row++) {
    for (let column = 0; column < width; column++) setPixel(cell, row, column, viridis(column / (width - 1)));
  }
  return cell;
}

/** Length of `predicted − true` by pixel. */
function endpointErrors(trueField: Tensor, predictedField: Tensor): Float32Array {
  const pixels = sizeOf(trueField.shape.slice(1));
  return Float32Array.from({ length: pixels }, (_, pixel) => {
    let sum = 0;
    for (let at = pixel; at < trueField.data.length; at += pixels) {
      sum += (predictedField.data[at]! - trueField.data[at]!) ** 2;
    }
    return Math.sqrt(sum);
  });
}

/** Pixels outside of the mask are mixed with gray. */
function dimmed(source: Picture, mask: Tensor): Picture {
  const data = source.data.map((value, at) =>
    mask.data[Math.floor(at / 3)]! > 0.5 ? value : Math.round(0.25 * value + 90),
  );
  return { ...source, data };
}
