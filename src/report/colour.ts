/** Colour maps: gray, viridis, and the wheel that shows a vector's direction as hue and its length as saturation. */

/** Red, green, blue, each 0 … 255. */
export type Colour = readonly [number, number, number];

/** Ten evenly spaced colours of matplotlib's viridis (public domain, CC0), joined by straight lines. */
const viridisAnchors: readonly Colour[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 73, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
];

/** 0 at 0, 255 at 1; values outside are clipped, NaN is 0. */
export function level(value: number): number {
  return Math.round(255 * clip(value));
}

/** Black at 0, white at 1; values outside are clipped, NaN is black. */
export function gray(value: number): Colour {
  const own = level(value);
  return [own, own, own];
}

/** Dark violet at 0, yellow at 1; values outside are clipped, NaN reads as 0. */
export function viridis(value: number): Colour {
  const place = clip(value) * (viridisAnchors.length - 1);
  const index = Math.min(viridisAnchors.length - 2, Math.floor(place));
  const [from, to] = [viridisAnchors[index]!, viridisAnchors[index + 1]!];
  const mix = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * (place - index));
  return [mix(0), mix(1), mix(2)];
}

/** @param hue in turns, any number @param saturation 0 … 1 @param value 0 … 1 */
export function hsv(hue: number, saturation: number, value: number): Colour {
  const sector = (((hue % 1) + 1) % 1) * 6;
  const channel = (shift: number) => {
    const place = (shift + sector) % 6;
    return Math.round(255 * value * (1 - saturation * Math.max(0, Math.min(place, 4 - place, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}

/**
 * The colour of a vector: right is red, down yellow-green, left cyan, up violet; white has no length.
 * @param dy along the rows (down), any unit
 * @param dx along the columns (right), same unit
 * @param full the length that has the full saturation; longer vectors look the same
 */
export function vectorColour(dy: number, dx: number, full: number): Colour {
  const length = Math.hypot(dx, dy);
  return hsv(Math.atan2(dy, dx) / (2 * Math.PI), clip(length / full), 1);
}

function clip(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
