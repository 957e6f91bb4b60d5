/** Panels of a pair of images: points of A found in B, and the displacement field that lays A over B. */
import { type Tensor, tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/resize.js';
import { enlarge, type Picture, paste, picture } from './canvas.js';
import { type Colour, viridis } from './colour.js';
import { colourWheel, fieldArrows, fieldColours, fieldScale } from './field.js';
import { montage } from './montage.js';
import { mark, photo, photoShape, valueRange } from './photo.js';

/** A point of A, where it was found in B, and how alike each pixel of B is. */
export interface MatchMark {
  /** Pixels of A: column and row, from 0 at a pixel's centre. */
  readonly from: { readonly x: number; readonly y: number };
  /** Pixels of B. */
  readonly to: { readonly x: number; readonly y: number };
  readonly similarity: number;
  /** `[1, h, w]`, stretched over B. */
  readonly map: Tensor;
}

const side = 420;
const colour: Colour = [255, 176, 0];

/** A row per point: A with the point, B with the place that was found, and the similarity over B. Images are `[C, H, W]`. */
export function matchPanel(a: Tensor, b: Tensor, matches: readonly MatchMark[]): Picture {
  const cells = matches.flatMap(({ from, to, similarity, map }): [string, Picture][] => {
    const [low, high] = valueRange(map.data);
    // The map has the extents of the network's grid; over B it takes the proportions of B.
    const [height, width] = photoShape(b.shape.slice(1) as [number, number], side);
    const values = photo(resizeLinear(map, [height, width]), { side, range: [low, high], map: viridis });
    return [
      [`A, point ${place(from)}`, marked(photo(a, { side }), a, from)],
      [`B, found at ${place(to)}`, marked(photo(b, { side }), b, to)],
      [`similarity ${low.toFixed(2)} to ${similarity.toFixed(2)}`, marked(over(values, photo(b, { side })), b, to)],
    ];
  });
  return montage(cells, { columns: 3, letters: 2 });
}

export interface FieldPanel {
  /** `[C, H, W]` */
  readonly moving: Tensor;
  readonly fixed: Tensor;
  readonly warped: Tensor;
  /** `[2, H, W]`, in pixels. */
  readonly field: Tensor;
}

/** Two rows: A, B and A warped; the field with its arrows, its legend, and B beside the warped A in a chessboard. */
export function fieldPanel({ moving, fixed, warped, field }: FieldPanel): Picture {
  const [height, width] = field.shape.slice(1) as [number, number];
  const zoom = Math.max(1, Math.round(side / Math.max(height, width)));
  const long = zoom * Math.max(height, width);
  const full = fieldScale(field);
  const colours = enlarge(fieldColours(field, full), zoom);
  fieldArrows(colours, field, { zoom });
  const size = Math.floor(0.7 * Math.min(colours.height, colours.width));
  const legend = picture(colours.height, colours.width, [255, 255, 255]);
  paste(legend, colourWheel(size), Math.floor((colours.height - size) / 2), Math.floor((colours.width - size) / 2));
  const cells: [string, Picture][] = [
    ['A', photo(moving, { side: long })],
    ['B', photo(fixed, { side: long })],
    ['A warped to B', photo(warped, { side: long })],
    ['field: B to A', colours],
    [`legend: ${full.toFixed(1)} px`, legend],
    ['B and warped A', photo(chessboard(fixed, warped), { side: long })],
  ];
  return montage(cells, { columns: 3, letters: 2 });
}

/** Colours over a gray picture that still shows through. */
function over(colours: Picture, ground: Picture): Picture {
  return { ...colours, data: colours.data.map((value, at) => Math.round(0.6 * value + 0.4 * ground.data[at]!)) };
}

/** Squares of both images in turn: where they fit, edges run on from square to square. */
function chessboard(a: Tensor, b: Tensor): Tensor {
  const [, height, width] = a.shape as [number, number, number];
  const square = Math.max(1, Math.round(Math.max(height, width) / 6));
  const data = a.data.map((value, index) => {
    const [row, column] = [Math.floor(index / width) % height, index % width];
    return (Math.floor(row / square) + Math.floor(column / square)) % 2 ? b.data[index]! : value;
  });
  return tensor(a.shape, data);
}

function marked(target: Picture, image: Tensor, { x, y }: MatchMark['from']): Picture {
  const along = (position: number, axis: number, extent: number) =>
    ((position + 0.5) * extent) / image.shape[axis]! - 0.5;
  mark(target, along(y, 1, target.height), along(x, 2, target.width), colour);
  return target;
}

function place({ x, y }: MatchMark['from']): string {
  return `${Number(x.toFixed(1))},${Number(y.toFixed(1))}`;
}
