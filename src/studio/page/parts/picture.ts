/** Images of the data in the page: stored values, painted gray through a window. */
import { cut, type Slice } from '../../drawing/slices';
import type { Picture } from '../place/place';
import { at } from '../place/places';
import type { Window } from './view';

/** Values of images that are kept, in bytes. */
const MOST = 2 ** 28;
interface Kept {
  readonly loading: Promise<Picture>;
  bytes: number;
}

const known = new Map<string, Kept>();

export type { Picture } from '../place/place';

/** The image of a file; the last few are kept. @param path its address */
export function loadPicture(path: string): Promise<Picture> {
  const kept = known.get(path);
  if (kept) {
    known.delete(path);
    known.set(path, kept);
    return kept.loading;
  }
  const { place, name } = at(path);
  const entry = { loading: place.image(name), bytes: 0 };
  known.set(path, entry);
  entry.loading
    .then(({ values }) => {
      entry.bytes = values.byteLength;
      forgetOldest(entry);
    })
    .catch(() => known.delete(path));
  return entry.loading;
}

function forgetOldest(newest: Kept): void {
  let sum = [...known.values()].reduce((total, { bytes }) => total + bytes, 0);
  for (const [path, one] of known) {
    if (sum <= MOST || one === newest) return;
    sum -= one.bytes;
    known.delete(path);
  }
}

/** A canvas of its own with a plane of an image through a window. */
export function paintPicture({ channels, range, values }: Picture, slice: Slice, window: Window): HTMLCanvasElement {
  const reach = range[1] - range[0] || 1;
  const low = range[0] + (window.level - window.width / 2) * reach;
  const scale = 255 / Math.max(1e-9, window.width * reach);
  const planes = [0, 1, 2].map((channel) => cut(values, slice, channels === 3 ? channel : 0));
  return painted(slice.width, slice.height, (data) => {
    for (const [channel, plane] of planes.entries()) {
      for (let pixel = 0; pixel < plane.length; pixel++) data[4 * pixel + channel] = (plane[pixel]! - low) * scale;
    }
    for (let at = 3; at < data.length; at += 4) data[at] = 255;
  });
}

/** Gray bytes as a canvas. */
export function grayCanvas(width: number, height: number, bytes: Uint8Array): HTMLCanvasElement {
  return painted(width, height, (data) => {
    for (let pixel = 0; pixel < bytes.length; pixel++) {
      data.fill(bytes[pixel]!, 4 * pixel, 4 * pixel + 3);
      data[4 * pixel + 3] = 255;
    }
  });
}

/** A canvas whose red, green, blue and alpha bytes are filled by `fill`. */
export function painted(width: number, height: number, fill: (data: Uint8ClampedArray) => void): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const image = context.createImageData(width, height);
  fill(image.data);
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Draws a canvas as it is. */
export function plain(canvas: HTMLCanvasElement) {
  return (context: CanvasRenderingContext2D): void => context.drawImage(canvas, 0, 0);
}
