/** A look at the validation samples: the method's criterion, and the spread of the features of the fixed views. */
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import { featureSpread } from '../features/dispersion.js';
import { microOf } from '../train/config/sections.js';
import type { BatchArrays, Tensors } from '../train/objective.js';
import type { Trainer } from '../train/trainer.js';
import type { Config } from './config.js';
import type { Method } from './method.js';

/** A trainer of the method, as far as looking goes. */
export type Looker = Pick<Trainer, 'compute'>;

/** The method's criterion, with its reference where there is one, and the spread of the features. */
export type ValidationResult = Readonly<Record<string, number>> & {
  /** Mean over the channels of the standard deviation of the unit-length features over pixels; 0 means collapse. */
  readonly featureDeviation: number;
  /**
   * `exp` of the entropy of the normalised eigenvalues of the features' covariance; from 1 to the number of channels.
   */
  readonly effectiveRank: number;
};

/** Every this many pixels one enters the feature statistics. */
const STRIDE = 37;

export async function validate(
  trainer: Looker,
  method: Method,
  samples: readonly BatchArrays[],
  config: Config,
): Promise<ValidationResult> {
  const micro = microOf(config);
  const pixels = sizeOf(config.views.crop);
  const features = new FeatureSamples(config.model.channels.at(-1)!);
  const judgement = method.judge();
  for (let first = 0; first < samples.length; first += micro) {
    const group = samples.slice(first, first + micro);
    const computed = await lookAt(trainer, method, group, config);
    group.forEach((sample, index) => {
      const own = sampleOf(computed, index);
      judgement.add(sampleTensors(sample, method, config), own);
      for (let pixel = 0; pixel < pixels; pixel += STRIDE) features.add(own.fixedFeatures!.data, pixel, pixels);
    });
  }
  return { ...judgement.result(), ...featureSpread(features.tensor()) };
}

/**
 * What the method computes of a few samples, at most a micro-batch of them; zeros stand in the place of those that are
 * missing to one, so that one program serves all.
 */
export function lookAt(trainer: Looker, method: Method, group: readonly BatchArrays[], config: Config) {
  const micro = microOf(config);
  const shapes = method.sampleShapes(config.views.crop);
  const feeds = method.lookInputs.map((name) => {
    const all = tensor([micro, ...shapes[name]!]);
    group.forEach((sample, index) => {
      all.data.set(sample[name]!, index * sizeOf(shapes[name]!));
    });
    return [name, all] as const;
  });
  return trainer.compute('look', (parameters, inputs) => method.look(parameters, inputs), Object.fromEntries(feeds));
}

/** The arrays of a sample with their shapes. */
export function sampleTensors(sample: BatchArrays, method: Method, { views }: Config): Tensors {
  const shapes = Object.entries(method.sampleShapes(views.crop));
  return Object.fromEntries(shapes.map(([name, shape]) => [name, tensor(shape, sample[name]!)]));
}

/** What was computed of one sample of a batch, without the batch axis; the memory is shared. */
export function sampleOf(computed: Readonly<Record<string, Tensor>>, index: number): Tensors {
  return Object.fromEntries(
    Object.entries(computed).map(
      ([
        name,
        {
          shape: [, ...shape],
          data,
        },
      ]) => {
        const length = sizeOf(shape);
        return [name, tensor(shape, data.subarray(index * length, (index + 1) * length))];
      },
    ),
  );
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
