/**
 * Group normalisation, fused with a LeakyReLU where asked. Forward: two reductions per channel, the groups folded on
 * the small vectors, then one scale-and-shift pass. Backward: two more reductions and `dx = a·dz + q·x + c` with
 * numbers per channel.
 */
import { sizeOf } from '../../core/tensor.js';
import { type Differentiable, shapeError, type Value } from '../graph.js';
import { reshape } from './arrange.js';
import { channelAffine } from './channel-affine.js';
import { add, div, mul, sqrt, square, sub } from './elementwise.js';
import { leakyGradient } from './leaky-relu.js';
import { knowChannelSum, reduceMean, reduceSum } from './reduce.js';

export interface GroupNormOptions {
  readonly groups: number;
  /** Added to the variance. */
  readonly epsilon?: number;
  /** The slope of a LeakyReLU that follows; none where absent. */
  readonly slope?: number;
}

/**
 * @param x `[N, C, ...S]`
 * @param scale `[C]`
 * @param shift `[C]`
 */
export function groupNorm(x: Value, scale: Value, shift: Value, options: GroupNormOptions): Value {
  return x.graph.record(x.graph.unrecorded(() => groupNormRule(x, scale, shift, options)));
}

function groupNormRule(x: Value, scale: Value, shift: Value, options: GroupNormOptions): Differentiable {
  const { groups, epsilon = 1e-5, slope } = options;
  const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
  if (channels % groups !== 0 || scale.shape.join() !== `${channels}` || shift.shape.join() !== `${channels}`) {
    throw shapeError(
      'GroupNorm',
      `expected [N, C, ...S], [C], [C] with C divisible by ${groups}`,
      x.shape,
      scale.shape,
    );
  }
  const lowered = x.graph.lowering.norm?.(x, { ...options, scale, shift, epsilon });
  if (lowered) {
    return {
      name: 'GroupNorm',
      inputs: [x, scale, shift],
      outputs: [lowered.y],
      backward: ([dy], [wantX, wantScale, wantShift]) => {
        const gradient = lowered.gradient(dy!, wantX!);
        if (gradient.x) knowChannelSum(gradient.x, gradient.sum);
        return [gradient.x, wantScale ? gradient.scale : null, wantShift ? gradient.shift : null];
      },
    };
  }
  const pixels = sizeOf(extents);
  // Numbers per channel are `[N, G, C / G]`, those per group `[N, G, 1]`.
  const grouped = [batch, groups, channels / groups];
  const byGroup = (value: Value) => reshape(value, grouped);
  const groupMean = (value: Value) => reduceMean(value, [2]);
  const rows = reshape(x, [batch, channels, pixels]);
  const gamma = reshape(scale, [1, ...grouped.slice(1)]);
  const channelMean = byGroup(reduceMean(rows, [2]));
  const mean = groupMean(channelMean);
  const squares = groupMean(byGroup(mul(reduceSum(square(rows), [2]), 1 / pixels)));
  const variance = sub(squares, square(mean));
  const rstd = div(1, sqrt(add(clampZero(variance), epsilon)));
  const a = mul(gamma, rstd);
  const b = sub(reshape(shift, gamma.shape), mul(mean, a));
  const activation = slope === undefined ? {} : { activation: { name: 'LeakyRelu', slope } as const };
  const y = channelAffine(rows, { scale: a, shift: b, ...activation });
  return {
    name: 'GroupNorm',
    inputs: [x, scale, shift],
    outputs: [reshape(y, x.shape)],
    backward: ([dOut], [wantX, wantScale, wantShift]) => {
      const dy = reshape(dOut!, y.shape);
      const dz = slope === undefined ? dy : leakyGradient(dy, y, slope);
      const sum = byGroup(reduceSum(dz, [2]));
      const weighted = mul(sub(byGroup(reduceSum(mul(dz, rows), [2])), mul(mean, sum)), rstd);
      const flat = (value: Value) => reshape(reduceSum(value, [0]), [channels]);
      let dx: Value | null = null;
      if (wantX) {
        const scaled = mul(rstd, -1 / pixels);
        const first = mul(scaled, groupMean(mul(gamma, sum)));
        const q = mul(mul(scaled, rstd), groupMean(mul(gamma, weighted)));
        const c = sub(first, mul(mean, q));
        dx = reshape(channelAffine(dz, { scale: a, plus: channelAffine(rows, { scale: q, shift: c }) }), x.shape);
        const sums = add(mul(a, sum), mul(add(mul(q, channelMean), c), pixels));
        knowChannelSum(dx, flat(sums));
      }
      return [dx, wantScale ? flat(weighted) : null, wantShift ? flat(sum) : null];
    },
  };
}

function clampZero(x: Value): Value {
  return x.graph.node('Max', [x, x.graph.constant(0)], {}, [{ shape: x.shape }])[0]!;
}
