/** Health on fixed validation pairs: the endpoint error beside that of the zero field, and the spread of the features. */
import { featureSpread } from '../analysis/dispersion.js';
import type { Config } from '../config/index.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import type { Trainer } from './trainer.js';

export interface ValidationResult {
  /** Mean length of `psi' − psi` over all valid pixels, in pixels. */
  readonly endpointError: number;
  /** The same for `psi' = 0`. */
  readonly zeroEndpointError: number;
  /** Mean over the channels of the standard deviation of the unit-length features over pixels; 0 means collapse. */
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
  const samples = new FeatureSamples(channels);
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
      for (let pixel = 0; pixel < pixels; pixel += STRIDE) samples.add(fixedFeatures.data, start + pixel, pixels);
    });
  }
  const valid = Math.max(1, sums.valid);
  return {
    endpointError: sums.error / valid,
    zeroEndpointError: sums.zero / valid,
    ...featureSpread(samples.tensor()),
  };
}

/** Some pixels' feature vectors, scaled to unit length, as `[C, 1, count]`. */
class FeatureSamples {
  readonly #channels: number;
  readonly #vectors: Float32Array[] = [];

  constructor(channels: number) {
    this.#channels = channels;
  }

  /** Adds the vector at `start`; its channels lie `stride` elements apart. */
  add(data: Float32Array, start: number, stride: number): void {
    const vector = Float32Array.from({ length: this.#channels }, (_, c) => data[start + c * stride]!);
    const norm = Math.max(1e-12, Math.hypot(...vector));
    this.#vectors.push(vector.map((value) => value / norm));
  }

  tensor(): Tensor {
    const count = this.#vectors.length;
    const all = tensor([this.#channels, 1, count]);
    this.#vectors.forEach((vector, index) => {
      for (let c = 0; c < this.#channels; c++) all.data[c * count + index] = vector[c]!;
    });
    return all;
  }
}
