/** Distances between all pairs of samples, and their means within and between classes. */
import { meanDefined } from '../../core/statistics.js';
import { type FeatureSamples, unitLength } from './samples.js';

export const distanceNames = ['cosine', 'euclidean'] as const;
export type DistanceName = (typeof distanceNames)[number];

/**
 * All pairwise distances, `[n, n]`, symmetric, 0 on the diagonal. `cosine`: 1 − cosine, 0 … 2. `euclidean`: of the
 * features less their mean, in units of the root mean square of their length, so that the scale of a network does not
 * matter.
 */
export function pairwiseDistances(samples: FeatureSamples, name: DistanceName): Float32Array {
  const { channels } = samples;
  const vectors = name === 'cosine' ? unitLength(samples) : standardised(samples);
  const count = vectors.length / channels;
  const result = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) {
        const [a, b] = [vectors[i * channels + c]!, vectors[j * channels + c]!];
        sum += name === 'cosine' ? a * b : (a - b) ** 2;
      }
      result[i * count + j] = result[j * count + i] = name === 'cosine' ? Math.max(0, 1 - sum) : Math.sqrt(sum);
    }
  }
  return result;
}

/** Less the mean, divided by the root mean square of the length; zeros where all are equal. */
function standardised({ vectors, channels }: FeatureSamples): Float32Array {
  const count = vectors.length / channels;
  const mean = new Float64Array(channels);
  vectors.forEach((value, at) => {
    mean[at % channels]! += value / count;
  });
  const centred = vectors.map((value, at) => value - mean[at % channels]!);
  const scale = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0) / count);
  return scale > 1e-12 ? centred.map((value) => value / scale) : centred;
}

export interface ClassDistances {
  /** The mean over the classes of the mean distance of two samples of one class; null without such a pair. */
  readonly intra: number | null;
  /** The mean over pairs of classes of the mean distance of two samples, one of each; null with one class. */
  readonly inter: number | null;
  /** intra / inter: below 1 where classes hold together; null where one of them is, or inter is 0. */
  readonly ratio: number | null;
  /** The mean distance within each class that has two samples or more. */
  readonly classes: readonly { readonly label: number; readonly intra: number }[];
}

/** @param distances `[n, n]`; @param labels n */
export function classDistances(distances: Float32Array, labels: Uint8Array): ClassDistances {
  const pairs = new Map<string, { a: number; b: number; sum: number; count: number }>();
  const count = labels.length;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [Math.min(labels[i]!, labels[j]!), Math.max(labels[i]!, labels[j]!)];
      const key = `${a} ${b}`;
      const entry = pairs.get(key) ?? { a, b, sum: 0, count: 0 };
      entry.sum += distances[i * count + j]!;
      entry.count++;
      pairs.set(key, entry);
    }
  }
  const all = [...pairs.values()].sort((one, other) => one.a - other.a || one.b - other.b);
  const classes = all.filter(({ a, b }) => a === b).map(({ a, sum, count: n }) => ({ label: a, intra: sum / n }));
  const intra = meanDefined(classes.map((entry) => entry.intra));
  const inter = meanDefined(all.filter(({ a, b }) => a !== b).map(({ sum, count: n }) => sum / n));
  return { intra, inter, ratio: intra !== null && inter !== null && inter > 0 ? intra / inter : null, classes };
}
