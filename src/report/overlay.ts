/** Class maps over an image: each class in a colour of its own, filled faintly and with its contour. */
import type { Tensor } from '../core/tensor.js';
import { DENSITY, type Picture, pixelAt, setPixel } from './canvas.js';
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
  [0, far],
  [far, 0],
  [0, -far],
  [-far, 0],
]) as readonly (readonly [number, number])[];

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
  const classAt = (row: number, column: number) => {
    const y = Math.min(rows - 1, Math.floor(((row + 0.5) * rows) / result.height));
    const x = Math.min(columns - 1, Math.floor(((column + 0.5) * columns) / result.width));
    return labels.data[y * columns + x]!;
  };
  for (let row = 0; row < result.height; row++) {
    for (let column = 0; column < result.width; column++) {
      const own = classAt(row, column);
      if (own === 0) continue;
      const others = AROUND.map(([dy, dx]) => {
        const [y, x] = [row + dy, column + dx];
        return y >= 0 && x >= 0 && y < result.height && x < result.width ? classAt(y, x) : own;
      });
      const edge = labels.sets
        ? others.reduce((ends, other) => ends | (own & ~other), 0)
        : others.some((o) => o !== own);
      const colour = own === ignore ? GRAY : colourOf(labels.sets && edge ? Number(edge) : own, labels.sets);
      setPixel(result, row, column, mixed(pixelAt(result, row, column), colour, edge ? 1 : fill));
    }
  }
  return result;
}

function mixed(under: Colour, over: Colour, share: number): Colour {
  const channel = (index: 0 | 1 | 2) => Math.round(under[index] + (over[index] - under[index]) * share);
  return [channel(0), channel(1), channel(2)];
}
