/** Fields and errors as pictures, in the colours of the report: hue for direction, saturation for length. */
import type { Tensor } from '../../../../core/tensor';
import { vectorColour, viridis } from '../../../../report/colour';
import { warpLinear } from '../../../../views/field';
import { cut, fieldIn, type Slice } from '../../../drawing/slices';
import { painted } from '../../parts/picture';

/** The part of a displacement field that lies in a plane: `[2, H, W]`, rows first, in pixels. */
export interface Field {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** @param field `[nd, ...S]` */
export function fieldOf(field: Float32Array, slice: Slice): Field {
  return { width: slice.width, height: slice.height, data: fieldIn(field, slice) };
}

/** The length below which almost all vectors lie. @param field `[nd, ...S]` */
export function fullLength(field: Float32Array, axes: number): number {
  const pixels = field.length / axes;
  const lengths = new Float32Array(pixels);
  for (let at = 0; at < field.length; at++) lengths[at % pixels]! += field[at]! ** 2;
  lengths.sort();
  return Math.max(1e-6, Math.sqrt(lengths[Math.floor(0.98 * (pixels - 1))]!));
}

export function fieldCanvas({ width, height, data: field }: Field, full: number): HTMLCanvasElement {
  const pixels = width * height;
  return painted(width, height, (data) => {
    for (let pixel = 0; pixel < pixels; pixel++) {
      data.set(vectorColour(field[pixel]!, field[pixels + pixel]!, full), 4 * pixel);
      data[4 * pixel + 3] = 255;
    }
  });
}

/** Arrows from a pixel to the place where the moving view is read. */
export function drawArrows(
  context: CanvasRenderingContext2D,
  { width, height, data }: Field,
  scale: number,
  colour = '#101820',
): void {
  const every = Math.max(2, Math.round(Math.min(width, height) / 14));
  const pixels = width * height;
  context.strokeStyle = colour;
  context.lineWidth = 1.4 / scale;
  context.beginPath();
  for (let y = Math.floor(every / 2); y < height; y += every) {
    for (let x = Math.floor(every / 2); x < width; x += every) {
      const pixel = y * width + x;
      const [dy, dx] = [data[pixel]!, data[pixels + pixel]!];
      const length = Math.hypot(dx, dy);
      if (length < 0.2) continue;
      const [fromX, fromY, toX, toY] = [x + 0.5, y + 0.5, x + 0.5 + dx, y + 0.5 + dy];
      const head = Math.min(length / 2, 5 / scale);
      context.moveTo(fromX, fromY);
      context.lineTo(toX, toY);
      for (const turn of [2.6, -2.6]) {
        const angle = Math.atan2(dy, dx) + turn;
        context.moveTo(toX, toY);
        context.lineTo(toX + head * Math.cos(angle), toY + head * Math.sin(angle));
      }
    }
  }
  context.stroke();
}

/**
 * The length of the difference of two fields `[nd, ...S]` in a plane, dark where they agree; nothing where the mask is
 * 0.
 */
export function errorCanvas(
  predicted: Float32Array,
  truth: Float32Array,
  mask: Uint8Array,
  slice: Slice,
  full: number,
): HTMLCanvasElement {
  const parts = slice.shape.map((_, axis) => [cut(predicted, slice, axis), cut(truth, slice, axis)] as const);
  const valid = cut(mask, slice);
  return painted(slice.width, slice.height, (data) => {
    for (let pixel = 0; pixel < valid.length; pixel++) {
      if (valid[pixel] === 0) continue;
      const error = Math.hypot(...parts.map(([one, other]) => one[pixel]! - other[pixel]!));
      data.set(viridis(error / full), 4 * pixel);
      data[4 * pixel + 3] = 255;
    }
  });
}

/** A plane of an image `[1, ...S]` read at `p + share · field(p)`; black outside. @param field `[nd, ...S]` */
export function warpedBytes(image: Tensor, field: Float32Array, slice: Slice, share: number): Uint8Array {
  const { shape, across, flipped } = slice;
  const count = slice.width * slice.height;
  const part = new Float32Array(shape.length * count);
  for (const axis of shape.keys()) {
    const own = cut(field, slice, axis).map((value) => share * value);
    part.set(flipped ? own.toReversed() : own, axis * count);
  }
  const region = {
    shape,
    start: shape.map((_, axis) => (axis === across?.axis ? across.index : 0)),
    size: across ? shape.with(across.axis, 1) : shape,
  };
  const warped = Uint8Array.from(warpLinear(image, part, region), Math.round);
  return flipped ? warped.toReversed() : warped;
}

/** Every direction at every length up to the full one. */
export function wheelCanvas(size: number): HTMLCanvasElement {
  const radius = (size - 1) / 2;
  return painted(size, size, (data) => {
    for (let pixel = 0; pixel < size * size; pixel++) {
      const [dy, dx] = [Math.floor(pixel / size) - radius, (pixel % size) - radius];
      if (Math.hypot(dx, dy) > radius) continue;
      data.set(vectorColour(dy, dx, radius), 4 * pixel);
      data[4 * pixel + 3] = 255;
    }
  });
}
