/** The operators of ours, by name, and what they are told of their shapes in the attribute `shape`. */
import type { Assembler } from './assembler.js';
import { conv } from './conv.js';
import { filter } from './filter.js';
import type { Kernel } from './kernel.js';
import { type NormShape, normed, normGradient, normSlopes, normStatistics } from './norm.js';
import { pool, poolGradient } from './pool.js';
import { upsample, upsampleGradient } from './upsample.js';
import { type WarpShape, warp, warpSlopes, warpSpread } from './warp.js';
import { weightGradient } from './weight-gradient.js';
import type { WindowShape } from './window-lines.js';
import { windowGradients, windowVectors } from './window-vectors.js';

type Operator = (code: Assembler, shape: readonly number[]) => Kernel;

/** Of a map and its kernel: `[batch, depth, height, width, taps of the depth, outputs, …]`. */
function mapsOf([batch, depth, height, width, deep, out]: readonly number[]) {
  return { batch: batch!, depth: depth!, height: height!, width: width!, deep: deep!, out: out! };
}
const OF_MAPS = 6;

/** `[batch, channels, ...extents]` */
function mapOf([batch, channels, ...extents]: readonly number[]): WarpShape {
  return { batch: batch!, channels: channels!, extents };
}

/** `[batch, channels, height, width, groups, whether a LeakyReLU follows]` */
function normOf([batch, channels, height, width, groups, leaky]: readonly number[]): NormShape {
  const shape = [batch!, channels!, height!, width!];
  const ofMap = { batch: batch!, channels: channels!, pixels: height! * width! };
  return { ...ofMap, shape, groups: groups!, leaky: leaky === 1 };
}

function windowOf([batch, depth, heads, radius, ...extents]: readonly number[]): WindowShape {
  return { batch: batch!, depth: depth!, heads: heads!, radius: radius!, extents };
}

export const operators: Readonly<Record<string, Operator>> = {
  /** `[…of maps, bias, ...channels of each part]` */
  Conv: (code, shape) => {
    const [bias, ...channels] = shape.slice(OF_MAPS);
    return conv(code, { ...mapsOf(shape), bias: bias === 1, channels });
  },
  /** `[taps of the depth, out, channels]`, or `[…, all, begin]` of an adjoint */
  Filter: (code, [deep, out, channels, all, begin]) =>
    filter(code, {
      ...{ deep: deep!, out: out!, channels: channels! },
      adjoint: all === undefined ? null : { all, begin: begin! },
    }),
  /** `[…of maps, ...channels of each part]` */
  WeightGradient: (code, shape) => weightGradient(code, { ...mapsOf(shape), channels: shape.slice(OF_MAPS) }),
  /** All of them `[batch, channels, ...extents]` of the source. */
  Warp: (code, shape) => warp(code, mapOf(shape)),
  WarpSlopes: (code, shape) => warpSlopes(code, mapOf(shape)),
  WarpSpread: (code, shape) => warpSpread(code, mapOf(shape)),
  /** Of the map that is pooled, or made larger, `[batch, channels, ...extents]`. */
  Pool: (code, shape) => pool(code, mapOf(shape)),
  PoolGradient: (code, shape) => poolGradient(code, mapOf(shape)),
  Upsample: (code, shape) => upsample(code, mapOf(shape)),
  UpsampleGradient: (code, shape) => upsampleGradient(code, mapOf(shape)),
  /** Both `[batch, channels of a head, heads, radius, ...extents]`. */
  WindowVectors: (code, shape) => windowVectors(code, windowOf(shape)),
  WindowGradients: (code, shape) => windowGradients(code, windowOf(shape)),
  /** All of them as `normOf` says. */
  NormStatistics: (code, shape) => normStatistics(code, normOf(shape)),
  Normed: (code, shape) => normed(code, normOf(shape)),
  NormSlopes: (code, shape) => normSlopes(code, normOf(shape)),
  NormGradient: (code, shape) => normGradient(code, normOf(shape)),
};
