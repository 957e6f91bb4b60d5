/**
 * What happens to an image before the network and to its probabilities behind it, as nodes of an ONNX file: channels,
 * the range from 0 to 1, and the way to the network's extents and back. Each step computes in double precision and
 * keeps single precision, as the code does that it stands for, so that a file decides every pixel as `cover segment`
 * does.
 */
import type { NamedValue, NodeList } from '../../onnx/surroundings.js';

/** Rec. 601, as gray is made of colours everywhere here. */
const LUMA = [0.299, 0.587, 0.114] as const;

export interface Preparation {
  /** Channels of the network. */
  readonly channels: 1 | 3;
  /** What is divided by, or of volumes the real values that become 0 and 1. */
  readonly values: { readonly maximum: number } | { readonly lower: number; readonly upper: number };
  /** Extents `[...S]` of the network's input. */
  readonly size: readonly number[];
  /** Whether images have extents of their own, and are resized. */
  readonly resize: boolean;
  /** Whether a low-pass filter goes before reducing. */
  readonly antialias: boolean;
}

/** Names of extents that vary, the last axes first. */
const AXES = ['width', 'height', 'depth'] as const;

/** The input `image` of a file: `[1, channels, ...S]`, of one channel or three. */
export function imageInput({ size, resize }: Preparation): NamedValue {
  return { name: 'image', dtype: 'float32', shape: [1, 'channels', ...(resize ? ownExtents(size.length) : size)] };
}

/** The names of the extents of an image of its own. */
export function ownExtents(dims: number): string[] {
  return AXES.slice(0, dims).toReversed();
}

/** The nodes from `image` to what the network takes, `[1, C, ...size]`. @param output its name */
export function preparing(list: NodeList, preparation: Preparation, output: string): void {
  const { channels, values, size, resize, antialias } = preparation;
  const dims = size.length;
  const shape = list.add('Shape', ['image']);
  const planes = channelsOf(list, shape, channels, values, dims);
  const unit = 'maximum' in values ? divided(list, planes, values.maximum) : windowed(list, planes, values);
  if (!resize) list.add('Identity', [unit], {}, output);
  else {
    const to = size.map((extent) => list.integers([extent]));
    resized(list, unit, channels, { from: extentsOf(list, shape, dims), to, antialias }, output);
  }
}

/** The nodes that bring probabilities `[1, K, ...size]` to the image's own pixels. */
export function placing(
  list: NodeList,
  probabilities: string,
  classes: number,
  { size }: Preparation,
  output: string,
): void {
  const to = extentsOf(list, list.add('Shape', ['image']), size.length);
  resized(
    list,
    probabilities,
    classes,
    { from: size.map((extent) => list.integers([extent])), to, antialias: false },
    output,
  );
}

/** The nodes that decide: the most probable class of each pixel, the first of equal ones, as `uint8 [1, ...S]`. */
export function labelling(list: NodeList, probabilities: string, output: string): void {
  const best = list.add('ArgMax', [probabilities], { axis: 1, keepdims: 0 });
  list.add('Cast', [best], { to: 2 }, output);
}

/**
 * Of classes that overlap a mask for each but the background, 1 where it is more probable than not: `uint8 [1, K − 1,
 * ...S]`.
 */
export function masking(list: NodeList, probabilities: string, classes: number, output: string): void {
  const axes = list.integers([1]);
  const own = list.add('Slice', [probabilities, axes, list.integers([classes]), axes]);
  list.add('Cast', [list.add('Greater', [own, list.float(0.5)])], { to: 2 }, output);
}

/** Gray becomes three equal channels; three become one by their luma, which no rounding lifts above the maximum. */
function channelsOf(
  list: NodeList,
  shape: string,
  channels: 1 | 3,
  values: Preparation['values'],
  dims: number,
): string {
  const count = list.add('Gather', [shape, list.integer(1)]);
  const last = list.add('Sub', [count, list.integer(1)]);
  const planes = list.add('Gather', ['image', list.add('Min', [list.integers([0, 1, 2]), last])], { axis: 1 });
  if (channels === 3) return planes;
  const gray = list.add('Equal', [count, list.integer(1)]);
  const weights = list.add('Where', [gray, list.doubles([1, 0, 0]), list.doubles(LUMA)]);
  const along = list.add('Reshape', [weights, list.integers([1, 3, ...Array<number>(dims).fill(1)])]);
  const parts = list.add('Mul', [list.cast(planes, 'float64'), along]);
  const [red, green, blue] = [0, 1, 2].map((index) => list.add('Gather', [parts, list.integers([index])], { axis: 1 }));
  const sum = list.add('Add', [list.add('Add', [red!, green!]), blue!]);
  const bounded = 'maximum' in values ? list.add('Min', [sum, list.doubles(values.maximum)]) : sum;
  return list.cast(bounded, 'float32');
}

function divided(list: NodeList, image: string, maximum: number): string {
  return list.add('Div', [image, list.float(maximum)]);
}

/** Real values to 0 to 1; what is no number is 0. */
function windowed(list: NodeList, image: string, { lower, upper }: { lower: number; upper: number }): string {
  const strange = list.add('Or', [list.add('IsNaN', [image]), list.add('IsInf', [image])]);
  const known = list.add('Where', [strange, list.float(lower), image]);
  const above = list.add('Sub', [list.cast(known, 'float64'), list.doubles(lower)]);
  const scaled = list.add('Mul', [above, list.doubles(1 / (upper - lower))]);
  const clipped = list.add('Min', [list.add('Max', [scaled, list.doubles(0)]), list.doubles(1)]);
  return list.cast(clipped, 'float32');
}

/** The last extents of a shape, a list of one integer each. */
function extentsOf(list: NodeList, shape: string, dims: number): string[] {
  return Array.from({ length: dims }, (_, axis) =>
    list.add('Slice', [shape, list.integers([axis + 2]), list.integers([axis + 3]), list.integers([0])]),
  );
}

interface Resizing {
  /** Extents, each a list of one integer. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly antialias: boolean;
}

/**
 * Linear resizing, one axis after the other, each as a product with the matrix of its weights.
 * @param outer channels before the axes
 */
function resized(
  list: NodeList,
  image: string,
  outer: number,
  { from, to, antialias }: Resizing,
  output: string,
): void {
  let value = image;
  let lead = list.integers([outer]);
  for (const [axis, own] of from.entries()) {
    const matrix = resizingMatrix(list, own, to[axis]!, antialias);
    const last = axis === from.length - 1;
    // The last axis is not followed by others: there the pixels are the columns.
    const rows = list.add('Concat', [lead, own, ...(last ? [] : [list.integers([-1])])], { axis: 0 });
    const wide = list.cast(list.add('Reshape', [value, rows]), 'float64');
    const product = last
      ? list.add('MatMul', [wide, list.add('Transpose', [matrix], { perm: [1, 0] })])
      : list.add('MatMul', [matrix, wide]);
    value = list.cast(product, 'float32');
    lead = list.add('Mul', [lead, to[axis]!]);
  }
  const shape = list.add('Concat', [list.integers([1, outer]), ...to], { axis: 0 });
  list.add('Reshape', [value, shape], {}, output);
}

/**
 * The weights of the old pixels in the new ones, `[to, from]`: a triangle about the place of the new pixel (half-pixel
 * rule), two old pixels wide, or with a low-pass two new ones where the axis is reduced; the weights within the image
 * sum to 1.
 */
function resizingMatrix(list: NodeList, from: string, to: string, antialias: boolean): string {
  const [before, after] = [list.cast(from, 'float64'), list.cast(to, 'float64')];
  const places = list.add('Add', [countingTo(list, to), list.doubles(0.5)]);
  const scaled = list.add('Div', [list.add('Mul', [places, before]), after]);
  const centres = list.add('Unsqueeze', [list.add('Sub', [scaled, list.doubles(0.5)]), list.integers([1])]);
  const distances = list.add('Abs', [list.add('Sub', [centres, countingTo(list, from)])]);
  const one = list.doubles(1);
  const wide = antialias
    ? list.add('Div', [distances, list.add('Max', [list.add('Div', [before, after]), one])])
    : distances;
  const weights = list.add('Max', [list.add('Sub', [one, wide]), list.doubles(0)]);
  return list.add('Div', [weights, list.add('ReduceSum', [weights, list.integers([1])], { keepdims: 1 })]);
}

/** 0, 1, … to below an extent. */
function countingTo(list: NodeList, extent: string): string {
  const end = list.add('Squeeze', [extent, list.integers([0])]);
  return list.cast(list.add('Range', [list.integer(0), end, list.integer(1)]), 'float64');
}
