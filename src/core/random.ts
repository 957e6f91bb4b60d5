/**
 * Random streams. Every stream is derived from (seed, epoch, sample, purpose), so a draw depends on what it is for and
 * not on who makes it or when: the number of workers changes nothing.
 */

/** A stream of random numbers (xoshiro128**). */
export interface Random {
  /** Uniform in [low, high), 53 random bits. */
  uniform(low?: number, high?: number): number;
  /** Normal with the given mean and standard deviation; in steps of at most 2⁻²¹ deviations. */
  normal(mean?: number, deviation?: number): number;
  /** Uniform integer in [low, high). */
  integer(low: number, high: number): number;
  /** Fills an array with the next normal numbers of mean 0, and returns it. */
  normals(into: Float32Array, deviation: number): Float32Array;
}

/** The stream that belongs to these keys. Numbers and strings may be mixed; order matters. */
export function randomStream(...keys: readonly (number | string)[]): Random {
  const hash = hash32(keys.map((key) => `${typeof key}:${key}`).join('|'));
  let mix = hash;
  const next = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  const state = Int32Array.of(next(), next(), next(), next() | 1);
  const word = (): number => {
    const [p, q, r, s] = [state[0]!, state[1]!, state[2]! ^ state[0]!, state[3]! ^ state[1]!];
    state[0] = p ^ s;
    state[1] = q ^ r;
    state[2] = r ^ (q << 9);
    state[3] = rotate(s, 11);
    return Math.imul(rotate(Math.imul(q, 5), 7), 9);
  };
  const unit = () => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992;
  /** Nine in ten and more lie within the part of their layer that is below the curve everywhere. */
  const standard = (): number => {
    for (;;) {
      const bits = word();
      const layer = bits & (LAYERS - 1);
      const steps = (bits >> 8) + 0.5;
      const x = steps * width[layer]!;
      if (Math.abs(steps) < inside[layer]!) return x;
      if (layer === 0) return Math.sign(x) * tail(unit);
      if (height[layer]! + unit() * (height[layer + 1]! - height[layer]!) < bell(x)) return x;
    }
  };
  return {
    uniform: (low = 0, high = 1) => low + (high - low) * unit(),
    integer: (low, high) => low + Math.floor((high - low) * unit()),
    normal: (mean = 0, deviation = 1) => mean + deviation * standard(),
    normals(into, deviation) {
      for (let index = 0; index < into.length; index++) into[index] = deviation * standard();
      return into;
    },
  };
}

/**
 * The ziggurat of Marsaglia and Tsang (J Stat Softw 5(8), 2000): layers of equal area that cover the normal curve, the
 * lowest with the tail behind its edge. A word says the layer with bits of its own (Doornik 2005) and how far along.
 */
const LAYERS = 256;
const EDGE = 3.6541528853610088;
const STEPS = 2 ** 23;
const bell = (x: number) => Math.exp(-0.5 * x * x);

/** Of each layer: a step along it, the steps that lie below the curve everywhere, and where it begins. */
const { width, inside, height } = (() => {
  const area = 0.00492867323399;
  // The lowest is as wide as if its tail lay beside the rest.
  const edges = [area / bell(EDGE), EDGE];
  while (edges.length < LAYERS) {
    const last = edges.at(-1)!;
    edges.push(Math.sqrt(-2 * Math.log(area / last + bell(last))));
  }
  edges.push(0);
  return {
    width: Float64Array.from({ length: LAYERS }, (_, layer) => edges[layer]! / STEPS),
    inside: Float64Array.from({ length: LAYERS }, (_, layer) => (STEPS * edges[layer + 1]!) / edges[layer]!),
    height: Float64Array.from(edges, bell),
  };
})();

/** Beyond the edge (Marsaglia 1964). */
function tail(unit: () => number): number {
  for (;;) {
    const x = -Math.log(1 - unit()) / EDGE;
    if (-2 * Math.log(1 - unit()) > x * x) return EDGE + x;
  }
}

/** A Fisher-Yates shuffle of 0 … count − 1. */
export function permutation(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = random.integer(0, index + 1);
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** FNV-1a over the UTF-8 bytes. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
