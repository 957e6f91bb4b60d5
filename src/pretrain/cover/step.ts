/** COVER as graphs: the forward pass of two views, and the program that turns a batch into a gradient. */
import { add, concat, Graph, gradients, mul, slice, sub, type Target, type Value, warp } from '../../graph/index.js';
import { type ParameterSpec, type Parameters, parameterCount, unet, unetSpecs, unflatten } from '../../nn/index.js';
import { type Consistency, centred, endpointError, meanCosine, NORM_BOUND, vectorLoss } from './losses.js';
import { projectionSpecs } from './mov.js';
import { type PyramidOptions, vectorPyramid } from './vpa.js';

export interface CoverOptions extends PyramidOptions {
  readonly dims: 2 | 3;
  /** Channels of the image. */
  readonly inputs: number;
  /** Channels of the nine blocks of the U-Net. */
  readonly channels: readonly number[];
  /** What the consistency loss compares; `cosine` where absent. */
  readonly consistency?: Consistency;
}

/** The parameters of the network in the order of the authors' state dict. */
export function coverSpecs(options: CoverOptions): ParameterSpec[] {
  const { dims, inputs, channels, heads } = options;
  return [
    ...unetSpecs('backbone.', inputs, channels, dims),
    ...heads.flatMap((count, level) => projectionSpecs(level, channels[4 + level]!, count, dims)),
  ];
}

export interface CoverForward {
  /** The predicted displacement field `[N, nd, ...S]`. */
  readonly predicted: Value;
  /** Features of the fixed view, deepest first. */
  readonly fixedFeatures: readonly Value[];
  readonly movingFeatures: readonly Value[];
}

/** Both views as one batch through the shared backbone, then the pyramid. `moving` and `fixed` are `[N, inputs, ...S]`. */
export function coverForward(
  parameters: Parameters,
  moving: Value,
  fixed: Value,
  options: PyramidOptions,
): CoverForward {
  const batch = moving.shape[0]!;
  const features = unet(parameters, 'backbone.', concat([fixed, moving], 0));
  const fixedFeatures = features.map((map) => slice(map, [0], [0], [batch]));
  const movingFeatures = features.map((map) => slice(map, [0], [batch], [2 * batch]));
  return {
    predicted: vectorPyramid(parameters, fixedFeatures, movingFeatures, options),
    fixedFeatures,
    movingFeatures,
  };
}

/** The inputs and outputs of a gradient program, by name. */
export interface GradientGraph {
  readonly outputs: Readonly<Record<string, Value>>;
}

/**
 * Inputs: `theta` (flat parameters), `moving`, `fixed`, `field`, `mask`, `validPixels` (of the whole batch), and with
 * `accumulate` the `gradient` so far and `keep` (0 drops it, 1 adds to it). Outputs: `gradientNext`, `vectorLoss`, `meanCosine`, `endpointError`, each of which adds
 * up over micro-batches.
 */
export function gradientGraph(
  options: CoverOptions,
  batch: number,
  extents: readonly number[],
  { accumulate = false, target = 'cpu' as Target, bound = NORM_BOUND } = {},
): GradientGraph {
  const { graph, theta, forward } = forwardGraph(options, batch, extents, target);
  const field = graph.input('field', [batch, options.dims, ...extents]);
  const mask = graph.input('mask', [batch, 1, ...extents]);
  const validPixels = graph.input('validPixels', [1]);
  const { predicted, fixedFeatures, movingFeatures } = forward;
  const vector = vectorLoss(predicted, field, mask, validPixels);
  const compared = options.consistency === 'centred' ? centred : (features: Value) => features;
  const warped = warp(compared(movingFeatures.at(-1)!), field, options.warp);
  const cosine = meanCosine(compared(fixedFeatures.at(-1)!), warped, mask, validPixels, bound);
  const loss = sub(vector, cosine);
  const seed = graph.constant([1], loss.shape);
  const gradient = gradients([{ value: loss, seed }], [theta])[0]!;
  const error = endpointError(predicted, field, mask, validPixels);
  const total = accumulate
    ? add(mul(graph.input('gradient', gradient.shape), graph.input('keep', [1])), gradient)
    : gradient;
  return { outputs: { gradientNext: total, vectorLoss: vector, meanCosine: cosine, endpointError: error } };
}

/** Inputs `theta`, `moving`, `fixed`. Outputs: `predicted` and the full-resolution features of both views. */
export function predictGraph(
  options: CoverOptions,
  batch: number,
  extents: readonly number[],
  target: Target = 'cpu',
): GradientGraph {
  const { forward } = forwardGraph(options, batch, extents, target);
  return {
    outputs: {
      predicted: forward.predicted,
      fixedFeatures: forward.fixedFeatures.at(-1)!,
      movingFeatures: forward.movingFeatures.at(-1)!,
    },
  };
}

/** A graph with the inputs `theta`, `moving` and `fixed`, and the forward pass on them. */
function forwardGraph(options: CoverOptions, batch: number, extents: readonly number[], target: Target) {
  const graph = new Graph(target);
  const specs = coverSpecs(options);
  const theta = graph.input('theta', [parameterCount(specs)]);
  const moving = graph.input('moving', [batch, options.inputs, ...extents]);
  const fixed = graph.input('fixed', [batch, options.inputs, ...extents]);
  return { graph, theta, forward: coverForward(unflatten(theta, specs), moving, fixed, options) };
}
