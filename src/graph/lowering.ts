/**
 * What a target can do better, or must do otherwise, than the plain operators: a form for each. A form that declines
 * what it is given, or is absent, leaves it to the plain operator, which stays the definition of what is computed. A
 * form need not have a gradient of its own: the operator that asks for it does.
 */
export type Shape = readonly number[];

/** Where ONNX Runtime's own operators on blocks of channels stand. */
export const NCHWC = 'com.microsoft.nchwc';
/** Where the operators of ours stand, which the engine of Node brings to the runtime. */
export const OWN = 'cover';

export const targets = ['plain', 'cpu', 'x64', 'own', 'wasm', 'gpu'] as const;
/**
 * What a graph is built for: `plain` has the plain operators alone, `cpu` and `x64` are ONNX Runtime's on any CPU and
 * on x86-64, `own` has operators of ours besides, `wasm` is the one in a page, `gpu` is a graphics card.
 */
export type Target = (typeof targets)[number];

/** @typeParam V a value of the graph */
export interface Lowering<V> {
  readonly target: Target;
  /** The newest set of ONNX operators that the target runs whole. */
  readonly operatorSet: number;
  /** Whether memory is spared for a few passes more over maps (`recompute.ts`). */
  readonly recomputes?: boolean;
  /** `a · b` over the last two axes. */
  product?(a: V, b: V, shape: Shape): V | undefined;
  /** Elements moved along an axis, zeros coming in. */
  shift?(x: V, axis: number, by: number): V | undefined;
  /** Parts of the given extents along an axis, with their gradient. */
  split?(x: V, extents: readonly number[], axis: number): readonly V[] | undefined;
  /** The sum of values of one shape. */
  total?(terms: readonly V[]): V | undefined;
  /** A sum, mean or sum of squares over axes, which are kept with extent 1. */
  reduce?(operator: Reduction, x: V, axes: readonly number[], shape: Shape): V | undefined;
  /** `f(scale·x + shift + plus)` with numbers per channel. */
  affine?(x: V, options: Affine<V>): V | undefined;
  /** Group normalisation of `[N, C, ...S]`, with its gradient. */
  norm?(x: V, options: Norm<V>): Normed<V> | undefined;
  /** The gradient before a LeakyReLU, from its output. */
  leakyGradient?(dy: V, y: V, slope: number): V | undefined;
  /** The maps whose concatenation along the channels `x` is, where their convolutions are to be added up instead. */
  convParts?(x: V, weight: V): readonly V[];
  /** The convolution of a map in parts along its channels. */
  conv?(parts: readonly V[], weight: V, bias: V | undefined): V | undefined;
  /** The gradient of `count` channels of a convolution's input from `begin` on. */
  convAdjoint?(dy: V, weight: V, begin: number, count: number): V | undefined;
  /** The gradient of a convolution's weight, of a map in parts along its channels. */
  convWeightGradient?(parts: readonly V[], dy: V, kernel: Shape): V | undefined;
  /** Max-pooling by 2, and its gradient. */
  maxPool?(x: V): { readonly y: V; readonly gradient: (dy: V) => V } | undefined;
  /** Linear upsampling by 2, half-pixel. */
  upsample?(x: V): V | undefined;
  /** The gradient of `upsample`. */
  upsampleGradient?(dy: V): V | undefined;
  /** Linear sampling of a map. */
  sample?(source: V, read: Read<V>): V | undefined;
  /** The gradient of a sampled map: `dy` added where each corner lies. */
  spread?(dy: V, read: Read<V>): V | undefined;
  /** The gradient of the positions of a sampled map. */
  slopes?(source: V, dy: V, read: Read<V>): V | undefined;
  /**
   * The offset that the softmax of a window's products expects, for each of so many heads, `[N, nd, heads, ...S]`, of
   * queries and keys `[N, d · heads, ...S]`; and the gradients of both.
   */
  windowVectors?(query: V, key: V, radius: number, heads: number): WindowVectors<V> | undefined;
  /** The products of every pixel with a window around it, and their gradients. */
  window?(operands: WindowOperands<V>): WindowProducts<V> | undefined;
  /** How maps are laid for windows that are moved by one offset after the other. */
  windowGrid?(extents: Shape, radius: number): WindowGrid<V> | undefined;
}

export type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceSumSquare';

export interface Affine<V> {
  /** Numbers per channel, `[N, G, C / G]`, or per group of channels, `[N, G, 1]`; or one number for all. */
  readonly scale: V | number;
  /** Likewise; none where absent. */
  readonly shift?: V;
  /** `[N, C, P]`; none where absent. */
  readonly plus?: V;
  readonly activation?: Activation;
}

export interface Norm<V> {
  /** `[C]` */
  readonly scale: V;
  readonly shift: V;
  readonly groups: number;
  readonly epsilon: number;
  /** Of a LeakyReLU that follows; none where absent. */
  readonly slope?: number;
}

export interface Normed<V> {
  readonly y: V;
  /** Of `x`, where it is wanted, with the sum of its channels, and of scale and shift; all but the first `[C]`. */
  gradient(dy: V, wantX: boolean): { readonly x: V | null; readonly sum: V; readonly scale: V; readonly shift: V };
}

export type Activation =
  | { readonly name: 'LeakyRelu'; readonly slope: number }
  | { readonly name: 'Clip'; readonly low: number; readonly high: number };

/** Where each pixel of a sampled map reads. */
export interface Read<V> {
  /** In pixels, `[N, nd, ...S]`. */
  positions(): V;
  corners(): Corners<V>;
}

/** The 2^nd grid points around the position that each pixel reads; numbers are `[2^nd, N, P]`. */
export interface Corners<V> {
  readonly count: number;
  /** The pixel of a corner within its sample, as float32; outside of the grid any. */
  readonly pixels: V;
  /** The same among the pixels of all samples. */
  readonly rows: V;
  /** The corner's share of what is read; 0 outside of the grid. */
  readonly weights: V;
  /** How the share changes along an axis. */
  slopes(axis: number): V;
}

export interface WindowVectors<V> {
  readonly vectors: V;
  gradients(dv: V): { readonly query: V; readonly key: V };
}

export interface WindowOperands<V> {
  /** `[N, d, J, ...S]`, times `scale`. */
  readonly scaled: V;
  /** `[N, d, J, ...S]` */
  readonly key: V;
  readonly scale: number;
  readonly radius: number;
  /** All offsets of the window, in row-major order. */
  readonly offsets: readonly (readonly number[])[];
}

/** What lies outside of the map has this product. */
export const OUTSIDE = -1000;

/** Products of every pixel's query with the keys of its window, in a layout of B parts of P pixels. */
export interface WindowProducts<V> {
  /** `[B, offsets, P]` */
  readonly products: V;
  /** `[N, k, J, ...S]` laid as `[B, k, P]`. */
  laid(map: V): V;
  /** `[N, k, J, ...S]` of what is laid. */
  taken(laid: V): V;
  /** The gradients of query and key, `[N, d, J, ...S]`, from that of the products, `[B, offsets, P]`. */
  queryGradient(slopes: V): V;
  keyGradient(slopes: V): V;
}

/** A layout in which a window's neighbour of every pixel is one slice. */
export interface WindowGrid<V> {
  /** The extents of a map that is laid. */
  readonly shape: Shape;
  /** `[N, C, J, ...S]` laid. */
  laid(map: V): V;
  /** `[N, C, J, ...S]` laid, with zeros around it for all windows. */
  winged(map: V): V;
  /** The same of what is laid already. */
  widened(map: V): V;
  /** What lies at an offset from each position, of what has wings; `channels` picks some of C. */
  window(winged: V, offset: readonly number[], channels?: readonly [number, number]): V;
  /** `[N, C, J, ...S]` of what is laid. */
  taken(map: V): V;
  /** Where each position's neighbour at an offset lies within the map: spans of indices of the positions as laid. */
  inside(offset: readonly number[]): readonly (readonly [from: number, to: number])[];
}
