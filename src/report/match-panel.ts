/** Panels of a pair of images: points of A found in B, and the displacement field that lays A over B. */
import { type Tensor, tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/geometry/resize.js';
import { enlarge, type Picture, paste, picture } from './canvas.js';
import { type Colour, viridis } from './colour.js';
import { colourWheel, fieldArrows, fieldColours, fieldScale } from './field.js';
import { montage } from './montage.js';
import { cellSide, mark, photo, photoShape, valueRange } from './photo.js';
import { inPlane, type Plane, planesThrough, squarePixels } from './planes.js';

/** A point of A, where it was found in B, and how alike each pixel of B is. */
export interface MatchMark {
  /** Pixels of A, from 0 at a pixel's centre: column, row and, of a volume in RAS, slice. */
  readonly from: Place;
  /** Pixels of B. */
  readonly to: Place;
  readonly similarity: number;
  /** `[1, ...S]`, stretched over B. */
  readonly map: Tensor;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly z?: number;
}

export interface MatchPanelOptions {
  /** Edges of a pixel of A and of B along their axes, which give the pictures their proportions; all 1 by default. */
  readonly spacing?: readonly [a: readonly number[], b: readonly number[]];
}

/** Of a cell, in pixels of a page. */
const WIDEST = 400;
const colour: Colour = [255, 176, 0];

/**
 * A row per point: A with the point, B with the place that was found, and the similarity over B. Of volumes (`[C, z, y,
 * x]` in RAS) a row for each plane through the two places.
 */
export function matchPanel(
  a: Tensor,
  b: Tensor,
  matches: readonly MatchMark[],
  { spacing }: MatchPanelOptions = {},
): Picture {
  const side = cellSide([...a.shape.slice(1), ...b.shape.slice(1)], WIDEST);
  const cells = matches.flatMap(({ from, to, similarity, map }) => {
    const [low, high] = valueRange(map.data);
    const planes = planesThrough(nearest(from, a));
    return planesThrough(nearest(to, b)).flatMap((planeB, index): [string, Picture][] => {
      const planeA = planes[index]!;
      const [viewA, viewB] = [view(a, planeA, spacing?.[0]), view(b, planeB, spacing?.[1])];
      const values = inPlane(map, planeB, b.shape.slice(1));
      const shape = photoShape(viewB.shape.slice(1) as [number, number], side);
      // The map has the extents of the network's grid; over B it takes the proportions of B.
      const similar = photo(resizeLinear(values, shape), { side, range: [low, high], map: viridis });
      const onB = (target: Picture) => marked(target, b, planeB, to);
      return [
        [titled('A, point', planeA, from), marked(photo(viewA, { side }), a, planeA, from)],
        [titled('B, found at', planeB, to), onB(photo(viewB, { side }))],
        [`similarity ${low.toFixed(2)} to ${similarity.toFixed(2)}`, onB(over(similar, photo(viewB, { side })))],
      ];
    });
  });
  return montage(cells, { columns: 3 });
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
  const zoom = Math.max(1, Math.round(cellSide([height, width], WIDEST) / Math.max(height, width)));
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
  return montage(cells, { columns: 3 });
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

/** The pixel at a place, in the order of the axes. */
function nearest({ x, y, z }: Place, image: Tensor): number[] {
  const position = z === undefined ? [y, x] : [z, y, x];
  return position.map((at, axis) => Math.min(image.shape[axis + 1]! - 1, Math.max(0, Math.round(at))));
}

/** An image in a plane, with square pixels. */
function view(image: Tensor, plane: Plane, spacing: readonly number[] | undefined): Tensor {
  return squarePixels(inPlane(image, plane, image.shape.slice(1)), plane, spacing);
}

function marked(target: Picture, image: Tensor, plane: Plane, { x, y, z }: Place): Picture {
  const position = z === undefined ? [y, x] : [z, y, x];
  const along = (axis: number, extent: number) => {
    const own = image.shape[axis + 1]!;
    const at = plane.flipped ? own - 1 - position[axis]! : position[axis]!;
    return ((at + 0.5) * extent) / own - 0.5;
  };
  mark(target, along(plane.axes[0], target.height), along(plane.axes[1], target.width), colour);
  return target;
}

function titled(words: string, plane: Plane, { x, y, z }: Place): string {
  const short = (value: number) => Number(value.toFixed(1));
  if (z === undefined) return `${words} ${short(x)},${short(y)}`;
  return `${words.split(',')[0]} ${plane.name}: ${[z, y, x].map(short).join(',')}`;
}
