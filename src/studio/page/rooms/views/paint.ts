/** Fields and errors as pictures, in the colours of the report: hue for direction, saturation for length. */
import { vectorColour, viridis } from '../../../../report/colour';
import { painted } from '../../parts/picture';

/** A displacement field `[2, H, W]`, rows first, in pixels. */
export interface Field {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

export function grayCanvas(width: number, height: number, bytes: Uint8Array): HTMLCanvasElement {
  return painted(width, height, (data) => {
    for (let pixel = 0; pixel < bytes.length; pixel++) {
      data.fill(bytes[pixel]!, 4 * pixel, 4 * pixel + 3);
      data[4 * pixel + 3] = 255;
    }
  });
}

/** The length below which almost all vectors lie. */
export function fullLength({ data }: Field): number {
  const pixels = data.length / 2;
  const lengths = Float32Array.from({ length: pixels }, (_, pixel) => Math.hypot(data[pixel]!, data[pixels + pixel]!));
  lengths.sort();
  return Math.max(1e-6, lengths[Math.floor(0.98 * (pixels - 1))]!);
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

/** The length of the difference of two fields, dark where they agree; nothing where the mask is 0. */
export function errorCanvas(field: Field, truth: Float32Array, mask: Uint8Array, full: number): HTMLCanvasElement {
  const { width, height, data: predicted } = field;
  const pixels = width * height;
  return painted(width, height, (data) => {
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (mask[pixel] === 0) continue;
      const error = Math.hypot(predicted[pixel]! - truth[pixel]!, predicted[pixels + pixel]! - truth[pixels + pixel]!);
      data.set(viridis(error / full), 4 * pixel);
      data[4 * pixel + 3] = 255;
    }
  });
}

/** An image read at `p + share · field(p)`, linearly; black outside. */
export function warpedBytes(bytes: Uint8Array, { width, height, data }: Field, share: number): Uint8Array {
  const pixels = width * height;
  const result = new Uint8Array(pixels);
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : bytes[y * width + x]!);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const [fromY, fromX] = [y + share * data[pixel]!, x + share * data[pixels + pixel]!];
      const [top, left] = [Math.floor(fromY), Math.floor(fromX)];
      const [v, u] = [fromY - top, fromX - left];
      result[pixel] =
        (1 - v) * ((1 - u) * at(left, top) + u * at(left + 1, top)) +
        v * ((1 - u) * at(left, top + 1) + u * at(left + 1, top + 1));
    }
  }
  return result;
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
