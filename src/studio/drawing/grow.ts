/** Regions that grow from a click: connected pixels that are like it, in a map of any kind of likeness. */
import type { LabelMap, Region } from './map.js';
import type { Spot } from './slices.js';

/**
 * The pixels that are connected with the one under the spot, by their edges, and of which `like` holds.
 * @returns an empty region for a spot outside of the image
 */
export function grow(
  { width, height }: Pick<LabelMap, 'width' | 'height'>,
  spot: Spot,
  like: (pixel: number) => boolean,
): Region {
  const [x, y] = [Math.floor(spot.x), Math.floor(spot.y)];
  const nothing = { box: { left: 0, top: 0, right: 0, bottom: 0 }, inside: new Uint8Array(0) };
  if (x < 0 || y < 0 || x >= width || y >= height) return nothing;
  const seen = new Uint8Array(width * height);
  const stack = [y * width + x];
  seen[stack[0] as number] = 1;
  let [left, top, right, bottom] = [x, y, x, y];
  const visit = (pixel: number) => {
    if (seen[pixel] !== 0 || !like(pixel)) return;
    seen[pixel] = 1;
    stack.push(pixel);
  };
  while (stack.length > 0) {
    const pixel = stack.pop() as number;
    const [column, row] = [pixel % width, Math.floor(pixel / width)];
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
    if (column > 0) visit(pixel - 1);
    if (column < width - 1) visit(pixel + 1);
    if (row > 0) visit(pixel - width);
    if (row < height - 1) visit(pixel + width);
  }
  const box = { left, top, right: right + 1, bottom: bottom + 1 };
  const columns = box.right - box.left;
  const inside = new Uint8Array(columns * (box.bottom - box.top));
  for (let row = top; row <= bottom; row++) {
    inside.set(seen.subarray(row * width + left, row * width + right + 1), (row - top) * columns);
  }
  return { box, inside };
}

/** Holes of a region, which its edge surrounds, belong to it. */
export function withoutHoles({ box, inside }: Region): Region {
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const outside = new Uint8Array(inside.length);
  const stack: number[] = [];
  const visit = (pixel: number) => {
    if (outside[pixel] !== 0 || inside[pixel] !== 0) return;
    outside[pixel] = 1;
    stack.push(pixel);
  };
  for (let x = 0; x < width; x++) {
    visit(x);
    visit((height - 1) * width + x);
  }
  for (let y = 0; y < height; y++) {
    visit(y * width);
    visit(y * width + width - 1);
  }
  while (stack.length > 0) {
    const pixel = stack.pop() as number;
    const column = pixel % width;
    if (column > 0) visit(pixel - 1);
    if (column < width - 1) visit(pixel + 1);
    if (pixel >= width) visit(pixel - width);
    if (pixel < (height - 1) * width) visit(pixel + width);
  }
  return { box, inside: outside.map((value) => 1 - value) };
}
