/**
 * Clipping, Adam, AdamW and SGD as one graph over the flat parameter vector (docs/method.md §6). Adam adds L2 weight
 * decay to the gradient; AdamW shrinks the parameters themselves.
 */
import {
  add,
  div,
  Graph,
  maximum,
  mul,
  reduceSumSquare,
  sqrt,
  square,
  sub,
  type Target,
  type Value,
  vectorAffine,
} from '../graph/index.js';

export const optimizerNames = ['adam', 'adamw', 'sgd'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export interface OptimizerOptions {
  readonly name: OptimizerName;
  readonly weightDecay: number;
  /** Adam's decay of the first and second moment. */
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  /** SGD's momentum. */
  readonly momentum: number;
  readonly nesterov: boolean;
  /** The largest norm of the gradient; none where null. */
  readonly clip: number | null;
}

export const defaultOptimizer: OptimizerOptions = {
  name: 'adam',
  weightDecay: 1e-4,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  momentum: 0.9,
  nesterov: false,
  clip: 1,
};

/** The state tensors that an optimiser keeps beside the parameters; zeros at the start. */
export function momentNames(options: OptimizerOptions): readonly string[] {
  return options.name === 'sgd' ? ['momentum'] : ['firstMoment', 'secondMoment'];
}

/** The state tensors of a network in training: its parameters, then the moments. */
export function statePartsOf(options: OptimizerOptions): string[] {
  return ['theta', ...momentNames(options)];
}

/**
 * Inputs: `theta`, `gradient`, the moments, and scalars `[1]`: `gradientNorm` (of the whole gradient, where it is
 * clipped), `rate`, `correction1`, `correction2` (see `stepScalars`). Outputs: `thetaNext`, `<moment>Next`.
 */
export function updateGraph(options: OptimizerOptions, count: number, target: Target = 'cpu'): Record<string, Value> {
  const graph = new Graph(target);
  const theta = graph.input('theta', [count]);
  const raw = graph.input('gradient', [count]);
  const rate = graph.input('rate', [1]);
  const norm = graph.input('gradientNorm', [1]);
  const coefficient = options.clip === null ? null : clipCoefficient(norm, options.clip);
  const clipped = () => (coefficient ? mul(raw, coefficient) : raw);
  if (options.name === 'sgd') {
    const momentum = graph.input('momentum', [count]);
    const g = options.weightDecay ? decayed(raw, coefficient, mul(theta, options.weightDecay)) : clipped();
    const next = add(mul(momentum, options.momentum), g);
    const step = options.nesterov ? add(g, mul(next, options.momentum)) : next;
    return { thetaNext: sub(theta, mul(step, rate)), momentumNext: next };
  }
  const first = graph.input('firstMoment', [count]);
  const second = graph.input('secondMoment', [count]);
  const correction1 = graph.input('correction1', [1]);
  const correction2 = graph.input('correction2', [1]);
  const [beta1, beta2] = options.betas;
  const decoupled = options.name === 'adamw';
  // The gradient times √(1 − β₂): its square is what the second moment takes, and a pass less over the parameters.
  const root = Math.sqrt(1 - beta2);
  const scale = coefficient ? mul(coefficient, root) : graph.constant([root]);
  const decay = options.weightDecay && !decoupled ? { plus: mul(theta, options.weightDecay * root) } : {};
  const g = vectorAffine(raw, { scale, ...decay });
  const share = (1 - beta1) / root;
  const m = mul(vectorAffine(first, { scale: graph.constant([beta1 / share]), plus: g }), share);
  const v = add(mul(second, beta2), square(g));
  const denominator = vectorAffine(sqrt(v), { scale: correction2, shift: graph.constant([options.epsilon]) });
  const shrunk = decoupled ? mul(theta, sub(1, mul(rate, options.weightDecay))) : theta;
  const next = sub(shrunk, mul(div(m, denominator), mul(rate, correction1)));
  return { thetaNext: next, firstMomentNext: m, secondMomentNext: v };
}

/** The clipped gradient with weight decay. */
function decayed(gradient: Value, coefficient: Value | null, decay: Value): Value {
  return coefficient ? vectorAffine(gradient, { scale: coefficient, plus: decay }) : add(gradient, decay);
}

/**
 * Input `gradient`; output `gradientNorm`, which tells whether the gradient may be used before it changes the state.
 */
export function normGraph(count: number, target: Target = 'cpu'): Record<string, Value> {
  return { gradientNorm: sqrt(reduceSumSquare(new Graph(target).input('gradient', [count]))) };
}

/** `min(1, max / (norm + 1e-6))` */
export function clipCoefficient(norm: Value, max: number): Value {
  const ratio = div(max, add(norm, 1e-6));
  return sub(1, maximum(sub(1, ratio), 0));
}

/** The scalars of step `step` (1, 2, …): the rate and the bias corrections `1/(1−β₁ᵗ)` and `1/√(1−β₂ᵗ)`. */
export function stepScalars(options: OptimizerOptions, rate: number, step: number): Record<string, number> {
  if (options.name === 'sgd') return { rate };
  return {
    rate,
    correction1: 1 / (1 - options.betas[0] ** step),
    correction2: 1 / Math.sqrt(1 - options.betas[1] ** step),
  };
}
