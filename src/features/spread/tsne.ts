/**
 * t-SNE (van der Maaten and Hinton 2008), exact: points in a plane whose neighbours are those of the feature vectors.
 * All pairs are computed, which is quick up to some two thousand points. It starts from the first two principal
 * components, so nothing is random. Distances between groups and sizes of groups mean little in such a picture.
 */
import { InputError } from '../../core/errors.js';
import { tensor } from '../../core/tensor.js';
import { principalComponents } from '../pca.js';
import { channelsFirst, type FeatureSamples, unitLength } from './samples.js';

export interface TsneOptions {
  /** About how many neighbours a point has; at most a third of the points. */
  readonly perplexity?: number;
  readonly iterations?: number;
}

export interface Tsne {
  /** `[n, 2]` */
  readonly points: Float64Array;
  /** The Kullback-Leibler divergence at the end: what the picture does not show. */
  readonly divergence: number;
}

const MOST_POINTS = 2000;
/** Attraction is this many times as strong for the first half of the iterations, at most 250. */
const EXAGGERATION = 12;

/**
 * @throws InputError ('config') for more than 2000 points or fewer than 4
 * @example const { points } = tsne(samples); // x of point i is points[2 * i]
 */
export function tsne(samples: FeatureSamples, { perplexity = 30, iterations = 500 }: TsneOptions = {}): Tsne {
  const { channels } = samples;
  const vectors = unitLength(samples);
  const count = vectors.length / channels;
  if (count < 4 || count > MOST_POINTS) {
    throw new InputError(
      'config',
      `expected 4 to ${MOST_POINTS} points for a t-SNE, found ${count}`,
      'Draw fewer samples.',
    );
  }
  const p = affinities(squaredDistances(vectors, channels), Math.min(perplexity, (count - 1) / 3));
  const y = startingPoints(vectors, channels);
  const [velocity, gains] = [new Float64Array(2 * count), new Float64Array(2 * count).fill(1)];
  const rate = Math.max(count / EXAGGERATION / 4, 50);
  const early = Math.min(250, Math.floor(iterations / 2));
  for (let step = 0; step < iterations; step++) {
    const { gradient } = gradientOf(p, y, step < early ? EXAGGERATION : 1);
    const momentum = step < early ? 0.5 : 0.8;
    for (let at = 0; at < y.length; at++) {
      const against = gradient[at]! * velocity[at]! < 0;
      gains[at] = Math.max(0.01, against ? gains[at]! + 0.2 : gains[at]! * 0.8);
      velocity[at] = momentum * velocity[at]! - rate * gains[at]! * gradient[at]!;
      y[at]! += velocity[at]!;
    }
  }
  return { points: y, divergence: gradientOf(p, y, 1).divergence };
}

function squaredDistances(vectors: Float32Array, channels: number): Float64Array {
  const count = vectors.length / channels;
  const result = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += (vectors[i * channels + c]! - vectors[j * channels + c]!) ** 2;
      result[i * count + j] = result[j * count + i] = sum;
    }
  }
  return result;
}

/**
 * Symmetric joint probabilities `[n, n]`, whose sum is 1. The width of each point's Gaussian is found by bisection, so
 * that the entropy of its neighbours is log(perplexity).
 */
export function affinities(squares: Float64Array, perplexity: number): Float64Array {
  const count = Math.round(Math.sqrt(squares.length));
  const conditional = new Float64Array(count * count);
  const wanted = Math.log(perplexity);
  for (let i = 0; i < count; i++) {
    const row = squares.subarray(i * count, (i + 1) * count);
    const out = conditional.subarray(i * count, (i + 1) * count);
    // Only differences matter: the nearest has the exponent 0.
    const nearest = row.reduce((least, value, j) => (j === i ? least : Math.min(least, value)), Infinity);
    let [beta, low, high] = [1, 0, Infinity];
    for (let attempt = 0; attempt < 100; attempt++) {
      let [sum, weighted] = [0, 0];
      for (let j = 0; j < count; j++) {
        out[j] = j === i ? 0 : Math.exp(-beta * (row[j]! - nearest));
        sum += out[j]!;
        weighted += out[j]! * (row[j]! - nearest);
      }
      const entropy = Math.log(sum) + (beta * weighted) / sum;
      for (let j = 0; j < count; j++) out[j]! /= sum;
      if (Math.abs(entropy - wanted) < 1e-5) break;
      if (entropy > wanted) [low, beta] = [beta, high === Infinity ? beta * 2 : (beta + high) / 2];
      else [high, beta] = [beta, (beta + low) / 2];
    }
  }
  return conditional.map((value, at) => {
    const [i, j] = [Math.floor(at / count), at % count];
    return (value + conditional[j * count + i]!) / (2 * count);
  });
}

/** The first two principal components, at a deviation of 1e-4. */
function startingPoints(vectors: Float32Array, channels: number): Float64Array {
  const count = vectors.length / channels;
  const both = Math.min(2, channels);
  const { scores, variances } = principalComponents(channelsFirst({ vectors, channels }), both);
  const scale = 1e-4 / Math.sqrt(Math.max(1e-12, variances[0]!));
  const flat = tensor([both, count], scores.data);
  return Float64Array.from({ length: 2 * count }, (_, at) => {
    const axis = at % 2;
    // Equal vectors would never part: a hair's breadth of their number tells them apart.
    const hair = 1e-9 * (at + 1);
    return (axis < both ? flat.data[axis * count + Math.floor(at / 2)]! * scale : 0) + hair;
  });
}

function gradientOf(
  p: Float64Array,
  y: Float64Array,
  exaggeration: number,
): { readonly gradient: Float64Array; readonly divergence: number } {
  const count = y.length / 2;
  const weights = new Float64Array(count * count);
  let total = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const weight = 1 / (1 + (y[2 * i]! - y[2 * j]!) ** 2 + (y[2 * i + 1]! - y[2 * j + 1]!) ** 2);
      weights[i * count + j] = weight;
      total += 2 * weight;
    }
  }
  const gradient = new Float64Array(2 * count);
  let divergence = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const weight = weights[i * count + j]!;
      const [own, q] = [p[i * count + j]!, Math.max(1e-12, weight / total)];
      divergence += own > 0 ? 2 * own * Math.log(own / q) : 0;
      const force = 4 * (exaggeration * own - q) * weight;
      for (let axis = 0; axis < 2; axis++) {
        const pull = force * (y[2 * i + axis]! - y[2 * j + axis]!);
        gradient[2 * i + axis]! += pull;
        gradient[2 * j + axis]! -= pull;
      }
    }
  }
  return { gradient, divergence };
}
