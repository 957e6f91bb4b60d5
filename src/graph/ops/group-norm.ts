/**
 * Group normalisation, fused with a LeakyReLU where asked. Forward: two reductions per channel, the groups folded on the
 * small vectors, then one scale-and-shift pass. Backward: two more reductions and `dx = a·dz + q·x + c` with numbers per
 * channel.
 */
import { sizeOf } from '../../core/tensor.js';
import { type Differentiable, shapeError, type Value } from '../graph.js';
import { reshape } from './arrange.js';
import { add, div, leakyGradient, mul, sqrt, square, sub } from './elementwise.js';
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
  const z = affine(rows, a, b);
  const y = slope === undefined ? z : graph.node('LeakyRelu', [z], { alpha: { float: slope } }, [z])[0]!;
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
        dx = reshape(add(mul(dz, a), affine(rows, q, c)), x.shape);
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

/** `a·x + b` in one pass: a batch normalisation whose running mean is 0 and variance 1. `x` is `[N, C, P]`. */
function affine(x: Value, a: Value, b: Value): Value {
  const { graph } = x;
  const [batch, channels, pixels] = x.shape as [number, number, number];
  const count = batch * channels;
  const row = (value: Value) => reshape(value, [count]);
  const inputs = [
    reshape(x, [1, count, pixels]),
    row(a),
    row(b),
    graph.constant(new Float32Array(count), [count]),
    graph.constant(new Float32Array(count).fill(1), [count]),
  ];
  const y = graph.node('BatchNormalization', inputs, { epsilon: { float: 0 } }, [{ shape: [1, count, pixels] }])[0]!;
  return reshape(y, x.shape);
}
