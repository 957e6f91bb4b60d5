/**
 * The backbone (docs/method.md §2): a five-level U-Net, 2D or 3D. A block is twice [conv 3 → GroupNorm → LeakyReLU
 * 0.2]; down = max-pool 2 then block, up = linear upsampling, concatenation [skip, up], block.
 */
import { InputError } from '../core/errors.js';
import { concat, conv, groupNorm, maxPool, upsample, type Value } from '../graph/index.js';
import type { ParameterSpec, Parameters } from './parameters.js';

const SLOPE = 0.2;

/** Channels of the nine blocks: encoder from full resolution down, decoder back up. */
export const defaultChannels = [32, 64, 128, 256, 512, 256, 128, 64, 32] as const;

/** Every extent of an input must be divisible by this. */
export const DIVISOR = 16;

/** `conv 3 → GroupNorm(C/8) → LeakyReLU`, twice; the parameters are `name.0`, `name.1`, `name.3`, `name.4`. */
export function doubleConv(parameters: Parameters, name: string, x: Value): Value {
  let y = x;
  for (const [convolution, norm] of [
    [0, 1],
    [3, 4],
  ]) {
    const weight = parameters.get(`${name}.${convolution}.weight`)!;
    y = conv(y, weight, parameters.get(`${name}.${convolution}.bias`)!);
    y = groupNorm(y, parameters.get(`${name}.${norm}.weight`)!, parameters.get(`${name}.${norm}.bias`)!, {
      groups: weight.shape[0]! / 8,
      slope: SLOPE,
    });
  }
  return y;
}

function doubleConvSpecs(name: string, input: number, output: number, dims: number): ParameterSpec[] {
  const kernel = Array.from({ length: dims }, () => 3);
  return [
    { name: `${name}.0.weight`, shape: [output, input, ...kernel] },
    { name: `${name}.0.bias`, shape: [output] },
    { name: `${name}.1.weight`, shape: [output] },
    { name: `${name}.1.bias`, shape: [output] },
    { name: `${name}.3.weight`, shape: [output, output, ...kernel] },
    { name: `${name}.3.bias`, shape: [output] },
    { name: `${name}.4.weight`, shape: [output] },
    { name: `${name}.4.bias`, shape: [output] },
  ];
}

const encoderNames = ['inc.double_conv', ...[1, 2, 3, 4].map((level) => `down${level}.maxpool_conv.1.double_conv`)];
const decoderNames = [1, 2, 3, 4].map((level) => `up${level}.conv.double_conv`);

/**
 * Whether a parameter belongs to the decoder: the upward path, which makes full-resolution features of the encoder's.
 */
export function isDecoder({ name }: ParameterSpec, prefix: string): boolean {
  return decoderNames.some((block) => name.startsWith(prefix + block));
}

export function unetSpecs(prefix: string, inputs: number, channels: readonly number[], dims: number): ParameterSpec[] {
  checkChannels(channels);
  const specs: ParameterSpec[] = [];
  encoderNames.forEach((name, level) => {
    specs.push(...doubleConvSpecs(prefix + name, level ? channels[level - 1]! : inputs, channels[level]!, dims));
  });
  decoderNames.forEach((name, level) => {
    const input = channels[4 + level]! + channels[3 - level]!;
    specs.push(...doubleConvSpecs(prefix + name, input, channels[5 + level]!, dims));
  });
  return specs;
}

function checkChannels(channels: readonly number[]): void {
  if (channels.length !== 9 || channels.some((count) => !Number.isInteger(count) || count < 8 || count % 8 !== 0)) {
    throw new InputError(
      'config',
      `model.channels: expected nine multiples of 8, found [${channels.join(', ')}]`,
      'Five of the encoder and four of the decoder, such as [8, 16, 16, 32, 32, 32, 16, 16, 8].',
    );
  }
}

/**
 * @param x `[N, inputs, ...S]`, each extent divisible by 16
 * @returns the five decoder features, deepest (1/16) first
 */
export function unet(parameters: Parameters, prefix: string, x: Value): Value[] {
  const extents = x.shape.slice(2);
  if (extents.some((extent) => extent % DIVISOR !== 0)) throw divisibilityError('the input', extents);
  const skips: Value[] = [];
  let y = x;
  encoderNames.forEach((name, level) => {
    y = doubleConv(parameters, prefix + name, level ? maxPool(y) : y);
    skips.push(y);
  });
  const features = [y];
  decoderNames.forEach((name, level) => {
    y = doubleConv(parameters, prefix + name, concat([skips[3 - level]!, upsample(y)], 1));
    features.push(y);
  });
  return features;
}

/** The error of a size that the network cannot halve four times; names the nearest sizes that it can. */
export function divisibilityError(what: string, extents: readonly number[]): InputError {
  const down = extents.map((extent) => Math.max(DIVISOR, Math.floor(extent / DIVISOR) * DIVISOR));
  const up = extents.map((extent) => Math.ceil(extent / DIVISOR) * DIVISOR);
  return new InputError(
    'shape',
    `${what}: every extent must be divisible by ${DIVISOR}, found ${extents.join(' × ')}`,
    `The nearest sizes are ${down.join(' × ')} and ${up.join(' × ')}.`,
  );
}
