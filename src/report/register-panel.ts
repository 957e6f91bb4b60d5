/** A registration as a picture: the moving, the fixed and the warped image, their differences, and the displacement. */
import { type Tensor, tensor } from '../core/tensor.js';
import { resizeLinear } from '../image/geometry/resize.js';
import type { Picture } from './canvas.js';
import { viridis } from './colour.js';
import { fieldArrows, fieldColours, fieldScale } from './field.js';
import { montage } from './montage.js';
import { classesInPlane, labelOverlay } from './overlay.js';
import { cellSide, displayRange, photo } from './photo.js';
import { fieldInPlane, inPlane, type Plane, planesThrough, squarePixels } from './planes.js';

export interface RegisterPanel {
  /** On the pixels of the fixed image, `[C, ...S]`; volumes in RAS. */
  readonly moving: Tensor;
  readonly fixed: Tensor;
  readonly warped: Tensor;
  /** `[nd, ...S]`, in pixels. */
  readonly displacement: Tensor;
  /** Edges of a pixel along the axes, and their unit. */
  readonly spacing: readonly number[];
  readonly unit: 'px' | 'mm';
  /** Labels over the same images, `[...T]`, of any resolution. */
  readonly labels?: {
    readonly moving: Labels;
    readonly warped: Labels;
    readonly fixed?: Labels;
  };
}

interface Labels {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Six cells; of a volume a row for each plane through the middle of the labels, or of the volume. */
export function registerPanel(parts: RegisterPanel): Picture {
  const { moving, fixed, warped, displacement, spacing, unit, labels } = parts;
  const grid = fixed.shape.slice(1);
  const side = cellSide(grid, 320);
  const planes = planesThrough(middleOf(grid, labels?.fixed ?? labels?.warped));
  const [before, after] = [differences(moving, fixed), differences(warped, fixed)];
  const worst = displayRange([before])[1] || 1;
  const range = displayRange([moving, fixed]);
  const inUnits = scaled(displacement, spacing);
  const full = fieldScale(inUnits);
  const cells = planes.flatMap((plane): [string, Picture][] => {
    const cut = (image: Tensor) => squarePixels(inPlane(image, plane, grid), plane, spacing);
    const view = (image: Tensor, over?: Labels) => {
      const ground = photo(cut(image), { side, range });
      return over ? labelOverlay(ground, classesInPlane(over, plane, grid), 0.12) : ground;
    };
    const errors = (values: Tensor) => photo(cut(values), { side, range: [0, worst], map: viridis });
    const named = (title: string) => (plane.name ? `${plane.name}: ${title}` : title);
    return [
      [named('moving'), view(moving, labels?.moving)],
      ['fixed', view(fixed, labels?.fixed)],
      ['warped', view(warped, labels?.warped)],
      [`difference to ${worst.toFixed(2)}`, errors(before)],
      ['after warping', errors(after)],
      [`displacement to ${full.toFixed(1)} ${unit}`, fieldCell(inUnits, plane, spacing, full, side)],
    ];
  });
  return montage(cells, { columns: planes.length > 1 ? 6 : 3 });
}

/** Colours and arrows, in true length, on square pixels. @param field in units of the spacing */
function fieldCell(field: Tensor, plane: Plane, spacing: readonly number[], full: number, side: number): Picture {
  const flat = squarePixels(fieldInPlane(field, plane), plane, spacing);
  const scale = side / Math.max(flat.shape[1]!, flat.shape[2]!);
  const large = resizeLinear(
    flat,
    flat.shape.slice(1).map((extent) => Math.max(1, Math.round(extent * scale))),
  );
  const edge = Math.min(...plane.axes.map((axis) => spacing[axis]!));
  const cell = fieldColours(large, full);
  fieldArrows(cell, scaled(large, [scale / edge, scale / edge]));
  return cell;
}

/** Mean absolute differences over the channels, `[1, ...S]`. */
function differences(a: Tensor, b: Tensor): Tensor {
  const [channels, ...grid] = b.shape as [number, ...number[]];
  const result = tensor([1, ...grid]);
  const size = result.data.length;
  b.data.forEach((value, at) => {
    result.data[at % size]! += Math.abs(a.data[at]! - value) / channels;
  });
  return result;
}

function scaled({ shape, data }: Tensor, factors: readonly number[]): Tensor {
  const size = data.length / factors.length;
  return tensor(
    shape,
    data.map((value, at) => value * factors[Math.floor(at / size)]!),
  );
}

/**
 * The middle of what is labelled, at the same share of each axis of the grid; the middle of the grid where nothing is.
 */
function middleOf(grid: readonly number[], labels?: Labels): number[] {
  const sums = new Float64Array(grid.length);
  let count = 0;
  labels?.data.forEach((label, index) => {
    if (label === 0 || label === 255) return;
    count++;
    let rest = index;
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      sums[axis]! += rest % labels.shape[axis]!;
      rest = Math.floor(rest / labels.shape[axis]!);
    }
  });
  return grid.map((extent, axis) => {
    const share = count && labels ? (sums[axis]! / count + 0.5) / labels.shape[axis]! : 0.5;
    return Math.min(extent - 1, Math.floor(share * extent));
  });
}
