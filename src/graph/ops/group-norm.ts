/**
 * Group normalisation, fused with a LeakyReLU where asked. Forward: two reductions per channel, the groups folded on the
 * small vectors, then one scale-and-shift pass. Backward: two more reductions and `dx = a·dz + q·x + c` with numbers per
 * channel.
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
  const { graph } = x;
  const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
  if (channels % groups !== 0 || scale.shape.join() !== `${channels}` || shift.shape.join() !== `${channels}`) {
    throw shapeError(
      'GroupNorm',
      `expected [N, C, ...S], [C], [C] with C divisible by ${groups}`,
      x.shape,
      scale.shape,
    );
  }
  const pixels = sizeOf(extents);
  const grouped = [batch, groups, channels / groups];
  const perChannel = (value: Value) => reshape(value, [batch, channels, 1]);
  /** The mean over a group's channels, spread to them again. `value` is `[N, C, 1]`. */
  const groupMean = (value: Value) => reduceMean(reshape(value, grouped), [2]);
  const spread = (value: Value) => add(value, graph.constant(new Float32Array(sizeOf(grouped)), grouped));
  const rows = reshape(x, [batch, channels, pixels]);
  const gamma = reshape(scale, [1, channels, 1]);
  const channelMean = reduceMean(rows, [2]);
  const mean = groupMean(channelMean);
  const squares = groupMean(mul(reduceSum(square(rows), [2]), 1 / pixels));
  const variance = sub(squares, square(mean));
  const rstd = perChannel(spread(div(1, sqrt(add(clampZero(variance), epsilon)))));
  const mu = perChannel(spread(mean));
  const a = mul(gamma, rstd);
  const b = sub(reshape(shift, [1, channels, 1]), mul(mu, a));
  const activation = slope === undefined ? {} : { activation: { name: 'LeakyRelu', slope } as const };
  const y = channelAffine(rows, { scale: a, shift: b, ...activation });
  return {
    name: 'GroupNorm',
    inputs: [x, scale, shift],
    outputs: [reshape(y, x.shape)],
    backward: ([dOut], [wantX, wantScale, wantShift]) => {
      const dy = reshape(dOut!, y.shape);
      const dz = slope === undefined ? dy : leakyGradient(dy, y, slope);
      const sum = reduceSum(dz, [2]);
      const weighted = mul(sub(reduceSum(mul(dz, rows), [2]), mul(mu, sum)), rstd);
      const flat = (value: Value) => reshape(reduceSum(value, [0]), [channels]);
      let dx: Value | null = null;
      if (wantX) {
        const first = perChannel(spread(mul(groupMean(mul(gamma, sum)), 1 / pixels)));
        const second = perChannel(spread(mul(groupMean(mul(gamma, weighted)), 1 / pixels)));
        const q = mul(square(rstd), mul(second, -1));
        const c = sub(mul(mu, mul(q, -1)), mul(rstd, first));
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
