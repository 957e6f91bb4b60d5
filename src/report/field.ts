/**
 * Pictures of a displacement field `[2, H, W]`, in pixels, component order = axis order (rows, then columns). An arrow
 * starts at a pixel p of the fixed view and ends at `p + psi(p)`, the place where the moving view is read.
 */
import { invariant } from '../core/errors.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import { arrow, DENSITY, type Picture, paint } from './canvas.js';
import { type Colour, vectorColour } from './colour.js';

/** The length, in pixels, below which the given share of the vectors of a field `[nd, ...S]` lies; at least 1e-6. */
export function fieldScale(field: Tensor, share = 0.98, mask?: Tensor): number {
  const pixels = sizeOf(field.shape.slice(1));
  const lengths: number[] = [];
  for (let pixel = 0; pixel < pixels; pixel++) {
    let sum = 0;
    for (let at = pixel; at < field.data.length; at += pixels) sum += field.data[at]! ** 2;
    const length = Math.sqrt(sum);
    if ((!mask || mask.data[pixel]! > 0.5) && Number.isFinite(length)) lengths.push(length);
  }
  lengths.sort((a, b) => a - b);
  return Math.max(1e-6, lengths[Math.floor(share * (lengths.length - 1))] ?? 1e-6);
}

/** Hue for direction, saturation for length; `full` pixels have the full saturation. */
export function fieldColours(field: Tensor, full = fieldScale(field)): Picture {
  const [height, width] = checked(field);
  return paint(height, width, (row, column) => {
    const pixel = row * width + column;
    return vectorColour(field.data[pixel]!, field.data[height * width + pixel]!, full);
  });
}

export interface ArrowOptions {
  /**
   * Pixels of the field from arrow to arrow; by default at most 14 arrows on the shorter side, 20 pixels of a page
   * apart.
   */
  readonly every?: number;
  /** Pixels of the picture for one pixel of the field. */
  readonly zoom?: number;
  readonly colour?: Colour;
  /** `[1, H, W]` or `[H, W]`: no arrow where it is 0. */
  readonly mask?: Tensor;
}

/** Draws arrows, in true length, over a picture that is `zoom` times as large as the field. */
export function fieldArrows(target: Picture, field: Tensor, options: ArrowOptions = {}): void {
  const [height, width] = checked(field);
  const { zoom = 1, colour = [20, 20, 20], mask } = options;
  const every =
    options.every ?? Math.max(1, Math.round(Math.min(height, width) / 14), Math.ceil((20 * DENSITY) / zoom));
  for (let row = Math.floor(every / 2); row < height; row += every) {
    for (let column = Math.floor(every / 2); column < width; column += every) {
      const pixel = row * width + column;
      const [dy, dx] = [field.data[pixel]!, field.data[height * width + pixel]!];
      if ((mask && mask.data[pixel]! <= 0.5) || !Number.isFinite(dy + dx)) continue;
      const place = (at: number) => (at + 0.5) * zoom - 0.5;
      // Beyond two sides' length an arrow leaves the picture anyway.
      const far = (step: number, extent: number) => Math.min(2 * extent, Math.max(-2 * extent, step));
      arrow(target, place(row), place(column), place(row + far(dy, height)), place(column + far(dx, width)), colour);
    }
  }
}

/** The legend: every direction at every length up to the full one, white outside of the circle. */
export function colourWheel(size: number): Picture {
  const radius = (size - 1) / 2;
  return paint(size, size, (row, column) => {
    const [dy, dx] = [row - radius, column - radius];
    return Math.hypot(dy, dx) > radius ? [255, 255, 255] : vectorColour(dy, dx, radius);
  });
}

function checked(field: Tensor): [number, number] {
  const [components, height, width] = field.shape;
  invariant(field.shape.length === 3 && components === 2, `a field is [2, H, W], found [${field.shape.join(', ')}]`);
  return [height!, width!];
}
