/** Golden handlers of the operators, layers and losses: forward and gradients of one graph each. */
import { type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import {
  concat,
  conv,
  groupNorm,
  leakyRelu,
  maxPool,
  reduceSum,
  sub,
  type Target,
  upsample,
  upsampleAligned,
  type Value,
  type WarpConvention,
  warp,
  windowVectors,
} from '../../graph/index.js';
import { doubleConv, unet } from '../../nn/index.js';
import { cosine, maskedMean } from '../../pretrain/agreement.js';
import { vectorLoss } from '../../pretrain/cover/losses.js';
import { projection } from '../../pretrain/cover/mov.js';
import { vectorPyramid } from '../../pretrain/cover/vpa.js';
import type { GoldenCase, GoldenHandler } from './case.js';
import { type Builder, evaluate } from './evaluate.js';

type Inputs = Readonly<Record<string, Value>>;
type Params = Readonly<
  Record<'align_corners' | 'amp' | 'dim' | 'eps' | 'negative_slope' | 'num_groups' | 'num_heads' | 'variant', never>
>;

/** Builds a case's outputs; the names are those of the golden file without `in.`, `param.` and `out.`. */
type CaseBuilder = (x: Inputs, parameters: ReadonlyMap<string, Value>, params: Params) => Record<string, Value>;

const builders: Record<string, CaseBuilder> = {
  conv: (x, p) => ({ y: conv(x.x!, p.get('weight')!, p.get('bias')!) }),
  group_norm: (x, p, { num_groups, eps }) => ({
    y: groupNorm(x.x!, p.get('weight')!, p.get('bias')!, { groups: num_groups, epsilon: eps }),
  }),
  leaky_relu: (x, _, { negative_slope }) => ({ y: leakyRelu(x.x!, negative_slope) }),
  maxpool: (x) => ({ y: maxPool(x.x!) }),
  upsample: (x, _, { align_corners }) => ({ y: align_corners ? upsampleAligned(x.x!) : upsample(x.x!) }),
  concat: (x, _, { dim }) => ({ y: concat([x.a!, x.b!], dim) }),
  double_conv: (x, p) => ({ y: doubleConv(p, 'double_conv', x.x!) }),
  warp: (x, _, { variant }) => ({ y: warp(x.src!, x.flow!, variant as WarpConvention) }),
  mov: (x, _, { amp, num_heads }) => ({ y: windowVectors(x.q!, x.k!, { radius: amp, heads: num_heads }) }),
  projection: (x, p) => {
    const parameters = new Map([...p].map(([name, value]) => [`proj.0.${name}`, value]));
    return { y: projection(parameters, 0, x.x!) };
  },
  vpa: (x, p, { num_heads, amp, variant }) => {
    const levels = (side: string) => [5, 4, 3, 2, 1].map((level) => x[`${side}${level}`]!);
    const options = { heads: num_heads, window: amp, warp: variant };
    return { flow: vectorPyramid(p, levels('F'), levels('M'), options) };
  },
  unet: (x, p) => Object.fromEntries(unet(p, '', x.x!).map((feature, level) => [`x${5 + level}`, feature] as const)),
  partical_mae: (x) => ({ loss: vectorLoss(x.y_pred!, x.y_true!, x.mask!, reduceSum(x.mask!)) }),
  partical_cos: (x, _, { eps }) => {
    const mean = maskedMean(cosine(x.out_1!, x.out_2!, eps), x.mask!, reduceSum(x.mask!));
    return { loss: sub(1, mean) };
  },
};

/** The handlers by `op`; an `op` that ends in `2d` or `3d` shares one handler. */
export function operatorHandlers(engine: Engine, target: Target): Record<string, GoldenHandler> {
  return Object.fromEntries(
    Object.entries(builders).flatMap(([name, build]) => {
      const handler: GoldenHandler = (golden) => run(engine, target, golden, build);
      return [name, `${name}2d`, `${name}3d`].map((op) => [op, handler]);
    }),
  );
}

async function run(engine: Engine, target: Target, golden: GoldenCase, build: CaseBuilder) {
  const inputs: Record<string, Tensor> = {};
  const upstream: Record<string, Tensor> = {};
  const wanted: string[] = [];
  for (const [name, value] of golden.tensors) {
    if (name.startsWith('in.') || name.startsWith('param.')) inputs[name] = value;
    else if (name.startsWith('gout.')) upstream[name.slice(5)] = value;
    else if (name.startsWith('grad.')) {
      const input = name.slice(5);
      wanted.push(input.startsWith('param.') ? input : `in.${input}`);
    }
  }
  // A loss has no stored upstream gradient: it is 1.
  if (wanted.length && Object.keys(upstream).length === 0) upstream.loss = tensor([], Float32Array.of(1));
  const builder: Builder = (values) => {
    const plain: Record<string, Value> = {};
    const parameters = new Map<string, Value>();
    for (const [name, value] of Object.entries(values)) {
      if (name.startsWith('in.')) plain[name.slice(3)] = value;
      else parameters.set(name.slice(6), value);
    }
    return build(plain, parameters, golden.params as Params);
  };
  const results = await evaluate(engine, inputs, builder, { upstream, wanted, target });
  const tensors: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(results)) {
    if (name.startsWith('grad:in.')) tensors[`grad.${name.slice(8)}`] = value;
    else if (name.startsWith('grad:')) tensors[`grad.${name.slice(5)}`] = value;
    else tensors[`out.${name}`] = value;
  }
  return { tensors };
}
