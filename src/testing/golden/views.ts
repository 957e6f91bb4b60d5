/**
 * Golden cases of the views: spatial transformations, smoothing, appearance, resizing and the valid mask. The release's
 * own ways are set up here: a rotation centre half a pixel off, contrast and blur over a whole batch, and a mask for
 * which the location 0 is outside.
 */
import { invariant } from '../../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import { resizeLinear } from '../../image/geometry/resize.js';
import { type AffineDraws, affineMatrix, affinePart } from '../../views/affine.js';
import { addBrightness, addNoise, adjustContrast, paintBlock } from '../../views/appearance.js';
import { elasticPart } from '../../views/elastic.js';
import { validMask } from '../../views/mask.js';
import { wholeRegion } from '../../views/region.js';
import { gaussianSmooth } from '../../views/smooth.js';
import { displacementField, type SpatialPart } from '../../views/spatial.js';
import type { GoldenCase, GoldenHandler, GoldenResult } from './case.js';

export const viewHandlers: Record<string, GoldenHandler> = {
  spatial_transform2d: spatialTransform,
  spatial_transform3d: spatialTransform,
  gaussian_blur: gaussianBlur,
  contrast,
  appearance,
  resize_u8: resizeBytes,
  valid_mask: maskOfField,
};

async function spatialTransform(golden: GoldenCase): Promise<GoldenResult> {
  const shape = golden.params.patch_size as number[];
  const draws = golden.params.draws as Record<string, number>;
  const affine = namedDraws(draws, shape.length);
  const parts: SpatialPart[] = [affinePart(affine, 'reference')];
  if (draws.alpha !== undefined) {
    const noise = shape.map((_, axis) => input(golden, `in.random${axis}`).data);
    parts.push(elasticPart({ alpha: draws.alpha, sigma: draws.sigma!, noise, shape }));
  }
  const field = displacementField(parts, wholeRegion(shape));
  return {
    tensors: { 'out.field': tensor([1, shape.length, ...shape], field), 'out.mat': storedMatrix(affine) },
  };
}

/** The release's draws by name (`angle_x`, `shear_xy`), where the axes 0, 1, 2 are called x, y, z. */
function namedDraws(draws: Readonly<Record<string, number>>, dims: number): AffineDraws {
  const axes = ['x', 'y', 'z'].slice(0, dims);
  return {
    angles: axes.map((axis) => draws[`angle_${axis}`] ?? 0),
    scales: axes.map((axis) => draws[`scale_${axis}`] ?? 1),
    shears: axes.map((a) => axes.map((b) => draws[`shear_${a}${b}`] ?? 0)),
    translation: axes.map((axis) => draws[`trans_${axis}`] ?? 0),
  };
}

/** The release stores the transposed linear map beside the translation, `[1, nd, nd + 1]`. */
function storedMatrix(draws: AffineDraws): Tensor {
  const matrix = affineMatrix(draws);
  const rows = matrix.flatMap((_, i) => [...matrix.map((row) => row[i]!), draws.translation[i]!]);
  return tensor([1, matrix.length, matrix.length + 1], Float32Array.from(rows));
}

async function gaussianBlur(golden: GoldenCase): Promise<GoldenResult> {
  const { shape, data } = input(golden, 'in.x');
  const sigma = golden.params.sigma as number;
  const blur = (axes: readonly number[]) => tensor(shape, gaussianSmooth(data, shape, axes, sigma, 'reflect'));
  const axes = shape.map((_, axis) => axis);
  return { tensors: { 'out.y': blur(axes), 'out.y_spatial_axes_only': blur(axes.slice(2)) } };
}

async function contrast(golden: GoldenCase): Promise<GoldenResult> {
  const { shape, data } = input(golden, 'in.x');
  const changed = data.slice();
  adjustContrast(changed, golden.params.factor as number);
  return { tensors: { 'out.y': tensor(shape, changed) } };
}

interface StoredBlock {
  readonly batch: number;
  readonly size: readonly number[];
  readonly pos: readonly number[];
  readonly tensor: string;
}

async function appearance(golden: GoldenCase): Promise<GoldenResult> {
  const { shape, data } = input(golden, 'in.x');
  const params = golden.params as Readonly<Record<string, number>>;
  const noise = golden.params.noise_tensor ? input(golden, golden.params.noise_tensor as string).data : null;
  const everyAxis = shape.map((_, axis) => axis);
  const view = gaussianSmooth(addNoise(data, noise), shape, everyAxis, params.blur_sigma ?? 0, 'reflect');
  adjustContrast(view, params.contrast_factor ?? 1);
  addBrightness(view, params.brightness ?? 0);
  const sample = sizeOf(shape.slice(1));
  for (const { batch, size, pos, tensor: name } of golden.params.blocks as readonly StoredBlock[]) {
    const one = view.subarray(batch * sample, (batch + 1) * sample);
    paintBlock(one, shape.slice(1), { position: pos, size, values: input(golden, name).data });
  }
  return { tensors: { 'out.y': tensor(shape, view) } };
}

async function resizeBytes(golden: GoldenCase): Promise<GoldenResult> {
  const { shape, data } = input(golden, 'in.img_u8');
  const target = golden.params.out_shape as number[];
  const grey = resizeLinear(tensor([1, ...shape], data), target).data.map(Math.round);
  return {
    tensors: {
      'out.resized_u8': tensor(target, grey),
      'out.x': tensor(
        target,
        grey.map((level) => level / 255),
      ),
    },
  };
}

async function maskOfField(golden: GoldenCase): Promise<GoldenResult> {
  return { tensors: { 'out.mask': maskOf(input(golden, 'in.flow_gt')) } };
}

/** The mask of the valid pixels of fields `[N, nd, ...S]`, `[N, 1, ...S]`. */
export function maskOf({ shape: stored, data }: Tensor): Tensor {
  const [batch, dims, ...shape] = stored as [number, number, ...number[]];
  const count = sizeOf(shape);
  const mask = new Float32Array(batch * count);
  for (let sample = 0; sample < batch; sample++) {
    const field = data.subarray(sample * dims * count, (sample + 1) * dims * count);
    mask.set(validMask(field, shape, { convention: 'reference' }), sample * count);
  }
  return tensor([batch, 1, ...shape], mask);
}

function input(golden: GoldenCase, name: string): Tensor {
  const found = golden.tensors.get(name);
  invariant(found, `the golden case ${golden.name} has no tensor ${name}`);
  return found;
}
