/** Health on fixed validation pairs: the endpoint error beside that of the zero field, and the spread of the features. */
import type { Config } from '../config/index.js';
import { sizeOf } from '../core/tensor.js';
import type { Trainer } from './trainer.js';

export interface ValidationResult {
  /** Mean length of `psi' − psi` over all valid pixels, in pixels. */
  readonly endpointError: number;
  /** The same for `psi' = 0`. */
  readonly zeroEndpointError: number;
  /** Root of the mean variance of the unit-length features over pixels; 0 means collapse. */
  readonly featureDeviation: number;
  /** `exp` of the entropy of the normalised eigenvalues of the features' covariance; from 1 to the number of channels. */
  readonly effectiveRank: number;
}

/** Every this many pixels one enters the feature statistics. */
const STRIDE = 37;

export async function validate(
  trainer: Trainer,
  pairs: readonly (readonly Float32Array[])[],
  config: Config,
): Promise<ValidationResult> {
  const micro = config.batch.micro || config.batch.size;
  const pixels = sizeOf(config.views.crop);
  const channels = config.model.channels[8]!;
  const statistics = new FeatureStatistics(channels);
  const sums = { error: 0, zero: 0, valid: 0 };
  for (let first = 0; first < pairs.length; first += micro) {
    const group = pairs.slice(first, first + micro);
    const join = (part: number) => {
      const length = group[0]![part]!.length;
      const all = new Float32Array(length * micro);
      group.forEach((pair, index) => {
        all.set(pair[part]!, index * length);
      });
      return all;
    };
    const { predicted, fixedFeatures } = await trainer.predict(join(0), join(1));
    group.forEach((pair, index) => {
      const [field, mask] = [pair[2]!, pair[3]!];
      const offset = index * field.length;
      for (let pixel = 0; pixel < pixels; pixel++) {
        if (mask[pixel] === 0) continue;
        let [error, zero] = [0, 0];
        for (let axis = pixel; axis < field.length; axis += pixels) {
          error += (predicted.data[offset + axis]! - field[axis]!) ** 2;
          zero += field[axis]! ** 2;
        }
        sums.error += Math.sqrt(error);
        sums.zero += Math.sqrt(zero);
        sums.valid++;
      }
      const start = index * channels * pixels;
      for (let pixel = 0; pixel < pixels; pixel += STRIDE) statistics.add(fixedFeatures.data, start + pixel, pixels);
    });
  }
  const valid = Math.max(1, sums.valid);
  return {
    endpointError: sums.error / valid,
    zeroEndpointError: sums.zero / valid,
    featureDeviation: statistics.deviation(),
    effectiveRank: statistics.effectiveRank(),
  };
}

/** The covariance of unit-length feature vectors. */
class FeatureStatistics {
  readonly #channels: number;
  readonly #sum: Float64Array;
  readonly #products: Float64Array;
  #count = 0;

  constructor(channels: number) {
    this.#channels = channels;
    this.#sum = new Float64Array(channels);
    this.#products = new Float64Array(channels * channels);
  }

  add(data: Float32Array, start: number, stride: number): void {
    const vector = Array.from({ length: this.#channels }, (_, c) => data[start + c * stride]!);
    const norm = Math.max(1e-12, Math.hypot(...vector));
    vector.forEach((value, i) => {
      this.#sum[i]! += value / norm;
      vector.forEach((other, j) => {
        this.#products[i * this.#channels + j]! += (value * other) / norm ** 2;
      });
    });
    this.#count++;
  }

  deviation(): number {
    const matrix = this.#covariance();
    return Math.sqrt(matrix.reduce((trace, row, i) => trace + Math.max(0, row[i]!), 0) / this.#channels);
  }

  effectiveRank(): number {
    const values = symmetricEigenvalues(this.#covariance()).map((value) => Math.max(0, value));
    const total = values.reduce((a, b) => a + b, 0);
    if (total <= 0) return 1;
    return Math.exp(
      -values.reduce((sum, value) => (value > 0 ? sum + (value / total) * Math.log(value / total) : sum), 0),
    );
  }

  #covariance(): number[][] {
    const n = this.#channels;
    const count = Math.max(1, this.#count);
    return Array.from({ length: n }, (_, i) =>
      Array.from(
        { length: n },
        (_, j) => this.#products[i * n + j]! / count - (this.#sum[i]! / count) * (this.#sum[j]! / count),
      ),
    );
  }
}

/** Cyclic Jacobi rotations. */
export function symmetricEigenvalues(matrix: readonly (readonly number[])[]): number[] {
  const a = matrix.map((row) => [...row]);
  const n = a.length;
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        off += a[p]![q]! ** 2;
        if (a[p]![q] === 0) continue;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k]![p]!, a[k]![q]!];
          a[k]![p] = c * x - s * y;
          a[k]![q] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p]![k]!, a[q]![k]!];
          a[p]![k] = c * x - s * y;
          a[q]![k] = s * x + c * y;
        }
      }
    }
    if (off < 1e-24) break;
  }
  return a.map((row, i) => row[i]!);
}
