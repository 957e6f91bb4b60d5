/** Class maps over a picture: each class in a colour of its own, filled faintly and with its contour. */
import { DENSITY, type Picture } from './canvas.js';
import { type Colour, hsv } from './colour.js';
import { cut, layoutOn, type Plane } from './planes.js';

/** Class indices `[...S]`; 0 is the background and has no colour. */
export interface ClassMap {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** Values are sets of classes instead: class k is bit k − 1. */
  readonly sets?: boolean;
  /** A label that belongs to no class; drawn in gray. 255 by default. */
  readonly ignore?: number;
}

/**
 * Colours of the classes from 1 on; far apart for the first, again and again after the eighth with other brightness.
 */
export function classColour(index: number): Colour {
  const hues = [0.02, 0.58, 0.33, 0.14, 0.8, 0.48, 0.92, 0.23];
  const place = index - 1;
  return hsv(hues[place % hues.length]!, 0.85, place < hues.length ? 1 : 0.65);
}

const GRAY: Colour = [128, 128, 128];

/** Of a set the mean of its classes' colours. */
function colourOf(label: number, sets = false): Colour {
  if (!sets) return classColour(label);
  const colours = Array.from({ length: 8 }, (_, index) => index).flatMap((index) =>
    (label >> index) & 1 ? [classColour(index + 1)] : [],
  );
  const mean = (channel: 0 | 1 | 2) => Math.round(colours.reduce((sum, own) => sum + own[channel], 0) / colours.length);
  return [mean(0), mean(1), mean(2)];
}

/** The classes of a plane. @param grid the extents that the plane counts on */
export function classesInPlane(labels: ClassMap, plane: Plane, grid: readonly number[]): ClassMap {
  const layout = layoutOn(labels.shape, plane, grid);
  return { ...labels, shape: [layout.height, layout.width], data: cut(labels.data, layout) };
}

/**
 * A picture with classes over it; contours, one pixel of a page wide, are all colour.
 * @param labels `[H, W]` over the same image, of any resolution
 * @param fill how much of a pixel inside of a class is its colour, 0 … 1
 */
export function labelOverlay({ height, width, data }: Picture, labels: ClassMap, fill = 0.3): Picture {
  const { sets = false, ignore = 255 } = labels;
  const seen = magnified(labels, height, width);
  const below = width + 2 * DENSITY;
  /** Where another class makes a pixel one of the contour. */
  const around = [1, DENSITY].flatMap((far) => [far, -far, far * below, -far * below]);
  const colours = Array.from({ length: 256 }, (_, label) => (label === ignore ? GRAY : colourOf(label, sets)));
  const pixels = data.slice();
  for (let row = 0, to = 0; row < height; row++) {
    let from = (row + DENSITY) * below + DENSITY;
    for (let column = 0; column < width; column++, from++, to += 3) {
      const own = seen[from]!;
      if (own === 0) continue;
      /** Of sets the classes that end here. */
      let edge = 0;
      for (let index = 0; index < around.length; index++) {
        const other = seen[from + around[index]!]!;
        if (other !== own) edge |= sets ? own & ~other : 1;
      }
      const colour = colours[sets && edge && own !== ignore ? edge : own]!;
      const share = edge ? 1 : fill;
      for (let channel = 0; channel < 3; channel++) {
        const under = pixels[to + channel]!;
        pixels[to + channel] = Math.round(under + (colour[channel]! - under) * share);
      }
    }
  }
  return { height, width, data: pixels };
}

/** The label of each pixel of a picture, with those at its edge once more around it, as far as a contour looks. */
function magnified({ shape, data }: ClassMap, height: number, width: number): Uint8Array {
  const [rows, columns] = shape as [number, number];
  const [lines, places] = [placesOf(height, rows), placesOf(width, columns)];
  const seen = new Uint8Array(lines.length * places.length);
  lines.forEach((line, row) => {
    const start = row * places.length;
    if (line === lines[row - 1]) seen.copyWithin(start, start - places.length, start);
    else for (let at = 0; at < places.length; at++) seen[start + at] = data[line * columns + places[at]!]!;
  });
  return seen;
}

/** The pixel of a map of so many that each pixel of a picture lies in, and those around it, along one axis. */
function placesOf(extent: number, count: number): Int32Array {
  return Int32Array.from({ length: extent + 2 * DENSITY }, (_, index) => {
    const at = Math.min(extent - 1, Math.max(0, index - DENSITY));
    return Math.min(count - 1, Math.floor(((at + 0.5) * count) / extent));
  });
}
