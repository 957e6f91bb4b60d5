/** Class maps over an image: each class in a colour of its own, filled faintly and with its contour. */
import type { Tensor } from '../core/tensor.js';
import { DENSITY, type Picture } from './canvas.js';
import { type Colour, hsv } from './colour.js';
import { displayRange, photo } from './photo.js';

/** Class indices `[H, W]`; 0 is the background and has no colour. */
export interface ClassMap {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** Values are sets of classes instead: class k is bit k − 1. */
  readonly sets?: boolean;
}

export interface OverlayOptions {
  /** The longer side of the picture, in pixels. */
  readonly side?: number;
  /** How much of a pixel inside of a class is its colour, 0 … 1; contours are all colour. */
  readonly fill?: number;
  /** A label that belongs to no class; drawn in gray. */
  readonly ignore?: number;
  /** The values that are black and white; by default those of `displayRange`. */
  readonly range?: readonly [number, number];
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

/** Where another class makes a pixel one of the contour, which is one pixel of a page wide. */
const AROUND = [1, DENSITY].flatMap((far) => [
  { dy: 0, dx: far },
  { dy: far, dx: 0 },
  { dy: 0, dx: -far },
  { dy: -far, dx: 0 },
]);

/** Of a set the mean of its classes' colours. */
function colourOf(label: number, sets = false): Colour {
  if (!sets) return classColour(label);
  const colours = Array.from({ length: 8 }, (_, index) => index).flatMap((index) =>
    (label >> index) & 1 ? [classColour(index + 1)] : [],
  );
  const mean = (channel: 0 | 1 | 2) => Math.round(colours.reduce((sum, own) => sum + own[channel], 0) / colours.length);
  return [mean(0), mean(1), mean(2)];
}

/** @param image `[1, H, W]` or `[3, H, W]`; @param labels over the same image, of any resolution */
export function labelOverlay(image: Tensor, labels: ClassMap, options: OverlayOptions = {}): Picture {
  const { side = 320 * DENSITY, fill = 0.3, ignore = 255, range = displayRange([image]) } = options;
  const result = photo(image, { side, range });
  const [rows, columns] = labels.shape as [number, number];
  const { height, width, data: pixels } = result;
  const starts = placesOf(height, rows).map((row) => row * columns);
  const places = placesOf(width, columns);
  const colours = Array.from({ length: 256 }, (_, label) => (label === ignore ? GRAY : colourOf(label, labels.sets)));
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 3) {
      const own = labels.data[starts[row]! + places[column]!]!;
      if (own === 0) continue;
      /** Of sets the classes that end here. */
      let edge = 0;
      for (const { dy, dx } of AROUND) {
        const [y, x] = [row + dy, column + dx];
        if (y < 0 || x < 0 || y >= height || x >= width) continue;
        const other = labels.data[starts[y]! + places[x]!]!;
        edge |= labels.sets ? own & ~other : Number(other !== own);
      }
      const colour = colours[labels.sets && edge && own !== ignore ? edge : own]!;
      const share = edge ? 1 : fill;
      for (let channel = 0; channel < 3; channel++) {
        const under = pixels[at + channel]!;
        pixels[at + channel] = Math.round(under + (colour[channel]! - under) * share);
      }
    }
  }
  return result;
}

/** The pixel of a map of so many that each pixel of a picture lies in, along one axis. */
function placesOf(extent: number, count: number): Int32Array {
  return Int32Array.from({ length: extent }, (_, at) => Math.min(count - 1, Math.floor(((at + 0.5) * count) / extent)));
}
