/**
 * Random streams. Every stream is derived from (seed, epoch, sample, purpose), so a draw depends on what it is for and
 * not on who makes it or when: the number of workers changes nothing.
 */

/** A stream of random numbers (xoshiro128**). */
export interface Random {
  /** Uniform in [low, high), 53 random bits. */
  uniform(low?: number, high?: number): number;
  /** Normal with the given mean and standard deviation (Box-Muller). */
  normal(mean?: number, deviation?: number): number;
  /** Uniform integer in [low, high). */
  integer(low: number, high: number): number;
  /** Fills an array with the next normal numbers of mean 0, and returns it. */
  normals(into: Float32Array, deviation: number): Float32Array;
}

/** The words of pairs of normal numbers that are drawn at once. */
const some = new Uint32Array(4 * 256);

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
  let [a, b, c, d] = [next() | 0, next() | 0, next() | 0, next() | 1];
  /** Fills with the next words. Many at once are quicker: the state is in registers meanwhile. */
  const draw = (words: Uint32Array): Uint32Array => {
    let [p, q, r, s] = [a, b, c, d];
    for (let index = 0; index < words.length; index++) {
      words[index] = Math.imul(rotate(Math.imul(q, 5), 7), 9);
      const t = q << 9;
      r ^= p;
      s ^= q;
      q ^= r;
      p ^= s;
      r ^= t;
      s = rotate(s, 11);
    }
    [a, b, c, d] = [p, q, r, s];
    return words;
  };
  const two = new Uint32Array(2);
  const unit = () => unitOf(draw(two), 0);
  let spare: number | undefined;
  return {
    uniform: (low = 0, high = 1) => low + (high - low) * unit(),
    integer: (low, high) => low + Math.floor((high - low) * unit()),
    normal(mean = 0, deviation = 1) {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return mean + deviation * value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - unit()));
      const angle = 2 * Math.PI * unit();
      spare = radius * Math.sin(angle);
      return mean + deviation * radius * Math.cos(angle);
    },
    normals(into, deviation) {
      let index = 0;
      if (spare !== undefined && into.length > 0) into[index++] = this.normal(0, deviation);
      while (index + 1 < into.length) {
        const pairs = (into.length - index) >> 1;
        const words = draw(4 * pairs < some.length ? some.subarray(0, 4 * pairs) : some);
        for (let at = 0; at < words.length; at += 4, index += 2) {
          const radius = Math.sqrt(-2 * Math.log(1 - unitOf(words, at)));
          const angle = 2 * Math.PI * unitOf(words, at + 2);
          into[index] = deviation * radius * Math.cos(angle);
          into[index + 1] = deviation * (radius * Math.sin(angle));
        }
      }
      if (index < into.length) into[index] = this.normal(0, deviation);
      return into;
    },
  };
}

/** A number in [0, 1) of two words, with 53 bits. */
function unitOf(words: Uint32Array, at: number): number {
  return ((words[at]! >>> 5) * 67108864 + (words[at + 1]! >>> 6)) / 9007199254740992;
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
