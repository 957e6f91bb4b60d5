/**
 * One montage of a pair of views: moving, fixed, the moving view warped by the predicted field, both fields with arrows,
 * the endpoint error, the features' first three principal components, and the legend. 2D; of a volume, pass a slice.
 */
import { invariant } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { enlarge, type Picture, paint, paste, picture, setPixel } from './canvas.js';
import { type Colour, gray, viridis } from './colour.js';
import { colourWheel, fieldArrows, fieldColours, fieldScale } from './field.js';
import { montage } from './montage.js';
import { pcaPicture } from './pca-picture.js';

export interface PairPanel {
  /** `[C, H, W]`, any range; the first channel is shown. Both views share one gray scale. */
  readonly moving: Tensor;
  readonly fixed: Tensor;
  /** The moving view warped by the predicted field, `[C, H, W]`. */
  readonly warped: Tensor;
  /** `[2, H, W]`, in pixels. */
  readonly trueField: Tensor;
  readonly predictedField: Tensor;
  /** `[1, H, W]`, 0 or 1; pixels at 0 are dimmed in fields and error. */
  readonly mask: Tensor;
  /** `[C', H', W']`; stretched over the view where it is coarser. */
  readonly features?: Tensor;
}

/** Draws the montage; each cell is enlarged by a whole number to about 200 pixels. */
export function pairPanel({ moving, fixed, warped, trueField, predictedField, mask, features }: PairPanel): Picture {
  const [height, width] = trueField.shape.slice(1) as [number, number];
  for (const part of [moving, fixed, warped, predictedField, mask]) {
    invariant(
      part.data.length % (height * width) === 0 && part.shape.at(-1) === width,
      'the parts of a panel share H and W',
    );
  }
  const zoom = Math.max(1, Math.round(200 / Math.max(height, width)));
  const range = valueRange(moving, fixed, height * width);
  const view = (image: Tensor) =>
    paint(height, width, (row, column) => gray((image.data[row * width + column]! - range[0]) / (range[1] - range[0])));
  const full = fieldScale(trueField, 0.98, mask);
  const field = (of: Tensor) => {
    const cell = enlarge(dimmed(fieldColours(of, full), mask), zoom);
    fieldArrows(cell, of, { zoom, mask });
    return cell;
  };
  const error = endpointErrors(trueField, predictedField);
  // On this scale a zero field's error is the brightest colour.
  const worst = Math.max(1, full);
  const errorColour = (value: number): Colour => (Number.isFinite(value) ? viridis(value / worst) : [255, 0, 0]);
  const errorMap = paint(height, width, (row, column) => errorColour(error[row * width + column]!));
  const cells: [title: string, cell: Picture][] = [
    ['moving', enlarge(view(moving), zoom)],
    ['fixed', enlarge(view(fixed), zoom)],
    ['warped moving', enlarge(view(warped), zoom)],
  ];
  if (features) cells.push(['features PCA', stretched(pcaPicture(features), height * zoom, width * zoom)]);
  cells.push(
    ['true field', field(trueField)],
    ['predicted field', field(predictedField)],
    [`error 0-${worst.toFixed(1)} px`, enlarge(dimmed(errorMap, mask), zoom)],
    [`legend: ${full.toFixed(1)} px`, legend(height * zoom, width * zoom)],
  );
  return montage(cells, { columns: 4 });
}

function legend(height: number, width: number): Picture {
  const cell = picture(height, width, [255, 255, 255]);
  const size = Math.floor(0.8 * Math.min(height, width));
  paste(cell, colourWheel(size), Math.floor((height - size) / 2), Math.floor((width - size) / 2));
  const bar = Math.max(2, Math.floor(height * 0.05));
  for (let row = height - bar; row < height; row++) {
    for (let column = 0; column < width; column++) setPixel(cell, row, column, viridis(column / (width - 1)));
  }
  return cell;
}

/** Length of `predicted − true` by pixel. */
function endpointErrors(trueField: Tensor, predictedField: Tensor): Float32Array {
  const pixels = trueField.data.length / 2;
  return Float32Array.from({ length: pixels }, (_, pixel) =>
    Math.hypot(
      predictedField.data[pixel]! - trueField.data[pixel]!,
      predictedField.data[pixels + pixel]! - trueField.data[pixels + pixel]!,
    ),
  );
}

/** Pixels outside of the mask are mixed with gray. */
function dimmed(source: Picture, mask: Tensor): Picture {
  const data = source.data.map((value, at) =>
    mask.data[Math.floor(at / 3)]! > 0.5 ? value : Math.round(0.25 * value + 90),
  );
  return { ...source, data };
}

function stretched(source: Picture, height: number, width: number): Picture {
  const result = picture(height, width);
  for (let row = 0; row < height; row++) {
    const from = Math.floor((row * source.height) / height) * source.width;
    for (let column = 0; column < width; column++) {
      const at = (from + Math.floor((column * source.width) / width)) * 3;
      result.data.set(source.data.subarray(at, at + 3), (row * width + column) * 3);
    }
  }
  return result;
}

/** The least and the greatest finite value of the first channels; never empty. */
function valueRange(a: Tensor, b: Tensor, pixels: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { data } of [a, b]) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const value = data[pixel]!;
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low < high ? [low, high] : [Number.isFinite(low) ? low : 0, (Number.isFinite(low) ? low : 0) + 1];
}
