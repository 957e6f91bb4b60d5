/**
 * Convolution with an odd kernel, stride 1 and "same" padding, 2D and 3D. The gradient of the input is a convolution
 * with the transposed, flipped weight; that of the weight is one whose kernel is the other map.
 */
import { sizeOf } from '../../core/tensor.js';
import { type Shape, shapeError, type Value } from '../graph.js';
import { concat, reshape, slice, transpose } from './arrange.js';
import { matmul } from './matmul.js';
import { channelSum } from './reduce.js';

/**
 * @param x `[N, C, ...S]`
 * @param weight `[O, C, ...k]`, `k` odd
 * @param bias `[O]`; none where absent
 * @returns `[N, O, ...S]`
 */
export function conv(x: Value, weight: Value, bias?: Value): Value {
  const kernel = weight.shape.slice(2);
  const fits = weight.shape.length === x.shape.length && weight.shape[1] === x.shape[1];
  const biasFits = !bias || bias.shape.join() === `${weight.shape[0]}`;
  if (!fits || !biasFits || kernel.some((extent) => extent % 2 === 0)) {
    const shapes = [x, weight, ...(bias ? [bias] : [])].map(({ shape }) => shape);
    throw shapeError('Conv', 'expected [N, C, ...S], [O, C, ...odd] and [O]', ...shapes);
  }
  const { graph } = x;
  const parts = graph.lowering.convParts?.(x, weight) ?? [x];
  const y = graph.unrecorded(() => same(parts, weight, bias));
  return graph.record({
    name: 'Conv',
    inputs: [...parts, weight, ...(bias ? [bias] : [])],
    outputs: [y],
    backward: ([dy], wanted) => {
      const [wantWeight, wantBias] = wanted.slice(parts.length);
      // The weight's gradient first: it is small, and the input is not needed after it.
      const dWeight = wantWeight ? weightGradient(parts, dy!, kernel) : null;
      const dParts = parts.map((_, k) => (wanted[k] ? inputGradient(dy!, weight, parts, k) : null));
      return [...dParts, dWeight, wantBias ? channelSum(dy!) : null];
    },
  });
}

/** The weight's parts along the input's channels. */
export function weightParts(weight: Value, parts: readonly Value[]): Value[] {
  let begin = 0;
  return parts.map(({ shape }) => {
    begin += shape[1]!;
    return slice(weight, [1], [begin - shape[1]!], [begin]);
  });
}

/** The gradient of one of the parts. */
function inputGradient(dy: Value, weight: Value, parts: readonly Value[], index: number): Value {
  const begin = parts.slice(0, index).reduce((sum, { shape }) => sum + shape[1]!, 0);
  const lowered = dy.graph.lowering.convAdjoint?.(dy, weight, begin, parts[index]!.shape[1]!);
  return lowered ?? same([dy], flipped(weightParts(weight, parts)[index]!));
}

/** Of a map in parts along its channels. */
function same(parts: readonly Value[], weight: Value, bias?: Value): Value {
  const { graph } = parts[0]!;
  const lowered = graph.lowering.conv?.(parts, weight, bias);
  if (lowered) return lowered;
  const x = concat(parts, 1);
  const half = weight.shape.slice(2).map((extent) => (extent - 1) / 2);
  const shape = [x.shape[0]!, weight.shape[0]!, ...x.shape.slice(2)];
  return graph.node('Conv', bias ? [x, weight, bias] : [x, weight], { pads: [...half, ...half] }, [{ shape }])[0]!;
}

/**
 * `dW[o, c, t] = Σ dy[o, p] · x[c, p + t − half]`, `[O, C, ...kernel]`: channels as samples, samples as channels, dy as
 * the kernel.
 */
function weightGradient(parts: readonly Value[], dy: Value, kernel: Shape): Value {
  const { graph } = dy;
  const lowered = graph.lowering.convWeightGradient?.(parts, dy, kernel);
  if (lowered) return lowered;
  const swapped = (map: Value) => transpose(map, [1, 0, ...kernel.map((_, axis) => axis + 2)]);
  const x = swapped(concat(parts, 1));
  const half = kernel.map((extent) => (extent - 1) / 2);
  const shape = [x.shape[0]!, dy.shape[1]!, ...kernel];
  return swapped(graph.node('Conv', [x, swapped(dy)], { pads: [...half, ...half] }, [{ shape }])[0]!);
}

/**
 * `[O, C, ...k]` to `[C, O, ...k]`, with the kernel mirrored by a small matrix: exact, and faster than moving single
 * elements.
 */
function flipped(weight: Value): Value {
  const [out, channels, ...kernel] = weight.shape as [number, number, ...number[]];
  const taps = sizeOf(kernel);
  let rows = reshape(weight, [out * channels, taps]);
  if (taps > 1) {
    const mirror = new Float32Array(taps * taps);
    for (let tap = 0; tap < taps; tap++) mirror[tap * taps + taps - 1 - tap] = 1;
    rows = matmul(rows, weight.graph.constant(mirror, [taps, taps]));
  }
  const swapped = transpose(reshape(rows, [out, channels, taps]), [1, 0, 2]);
  return reshape(swapped, [channels, out, ...kernel]);
}
