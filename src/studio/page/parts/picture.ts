/** Images of the data in the page: stored values, painted gray through a window. */
import type { Picture } from '../place/place';
import { at } from '../place/places';
import type { Window } from './view';

const KEPT = 24;
const known = new Map<string, Promise<Picture>>();

export type { Picture } from '../place/place';

/** The image of a file; the last few are kept. @param path its address */
export function loadPicture(path: string): Promise<Picture> {
  const kept = known.get(path);
  if (kept) {
    known.delete(path);
    known.set(path, kept);
    return kept;
  }
  const { place, name } = at(path);
  const loading = place.image(name);
  known.set(path, loading);
  loading.catch(() => known.delete(path));
  if (known.size > KEPT) known.delete(known.keys().next().value as string);
  return loading;
}

/** A canvas of its own with the image through a window. */
export function paintPicture({ width, height, channels, maximum, values }: Picture, window: Window): HTMLCanvasElement {
  const low = (window.level - window.width / 2) * maximum;
  const scale = 255 / Math.max(1e-9, window.width * maximum);
  const pixels = width * height;
  return painted(width, height, (data) => {
    const [green, blue] = channels === 3 ? [pixels, 2 * pixels] : [0, 0];
    for (let pixel = 0; pixel < pixels; pixel++) {
      data[4 * pixel] = (values[pixel]! - low) * scale;
      data[4 * pixel + 1] = (values[green + pixel]! - low) * scale;
      data[4 * pixel + 2] = (values[blue + pixel]! - low) * scale;
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
