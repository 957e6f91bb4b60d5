/**
 * Regions that a hand draws: the path of a brush, and a polygon. Pixel (x, y) covers x to x + 1; its centre is x + ½.
 */
import type { Box, LabelMap, Region } from './map.js';
import type { Spot } from './slices.js';

type Extents = Pick<LabelMap, 'width' | 'height'>;

/** Pixels whose centre is within the radius of a line between two places. */
export function brush(from: Spot, to: Spot, radius: number, extents: Extents): Region {
  const box = clipped(
    {
      left: Math.floor(Math.min(from.x, to.x) - radius),
      top: Math.floor(Math.min(from.y, to.y) - radius),
      right: Math.ceil(Math.max(from.x, to.x) + radius) + 1,
      bottom: Math.ceil(Math.max(from.y, to.y) + radius) + 1,
    },
    extents,
  );
  // A brush of less than a pixel paints the pixel under the pointer.
  const reach = Math.max(radius, 0.71) ** 2;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  return filled(box, (x, y) => {
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length));
    return (x - from.x - along * dx) ** 2 + (y - from.y - along * dy) ** 2 <= reach;
  });
}

/** Pixels whose centre is inside of a closed line: an odd number of its edges lies to their left. */
export function polygon(corners: readonly Spot[], extents: Extents): Region {
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const box = clipped(
    {
      left: Math.floor(Math.min(...xs)),
      top: Math.floor(Math.min(...ys)),
      right: Math.ceil(Math.max(...xs)) + 1,
      bottom: Math.ceil(Math.max(...ys)) + 1,
    },
    extents,
  );
  return filled(box, (x, y) => {
    let odd = false;
    corners.forEach((a, index) => {
      const b = corners[(index + 1) % corners.length] as Spot;
      if (a.y > y !== b.y > y && x < a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y)) odd = !odd;
    });
    return odd;
  });
}

function filled(box: Box, has: (x: number, y: number) => boolean): Region {
  const columns = Math.max(0, box.right - box.left);
  const inside = new Uint8Array(columns * Math.max(0, box.bottom - box.top));
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      if (has(x + 0.5, y + 0.5)) inside[(y - box.top) * columns + x - box.left] = 1;
    }
  }
  return { box, inside };
}

function clipped({ left, top, right, bottom }: Box, { width, height }: Extents): Box {
  const within = (value: number, most: number) => Math.min(Math.max(value, 0), most);
  const box = {
    left: within(left, width),
    top: within(top, height),
    right: within(right, width),
    bottom: within(bottom, height),
  };
  return { ...box, right: Math.max(box.left, box.right), bottom: Math.max(box.top, box.bottom) };
}
