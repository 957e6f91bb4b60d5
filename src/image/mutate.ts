/**
 * Damage to files, for tests of their readers: cut short, bits flipped, pieces repeated or lost, and lies about sizes,
 * in the headers of text and in binary ones. All of it is drawn from the stream that is passed in.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Random } from '../core/random.js';

/** Numbers that a length likes to be when it lies. */
const LIES = [0, -1, 1, 2, 255, 256, 32767, -32768, 65535, 2 ** 31 - 1, -(2 ** 31), 2 ** 30, 100_000];
const TEXT_LIES = ['0', '-1', '1', '99999', '2147483647', '9007199254740993', '1e308', 'nan', '', '0.5', '-0', 'x'];
/** Where the headers are; most damage goes there. */
const HEADER = 560;

export type Damage = (bytes: Uint8Array, random: Random) => Uint8Array;

export const DAMAGES: Readonly<Record<string, Damage>> = {
  truncate: (bytes, random) => bytes.slice(0, random.integer(0, bytes.length)),
  flip: (bytes, random) => {
    const damaged = bytes.slice();
    for (let count = random.integer(1, 9); count > 0; count--)
      damaged[somewhere(bytes, random)]! ^= 1 << random.integer(0, 8);
    return damaged;
  },
  overwrite: (bytes, random) => {
    const damaged = bytes.slice();
    const from = somewhere(bytes, random);
    for (let at = from; at < Math.min(from + random.integer(1, 16), bytes.length); at++)
      damaged[at] = random.integer(0, 256);
    return damaged;
  },
  lie: (bytes, random) => {
    const damaged = bytes.slice();
    const view = new DataView(damaged.buffer);
    const width = [2, 4, 8][random.integer(0, 3)]!;
    const from = 2 * Math.floor(somewhere(bytes, random) / 2);
    if (from + width > bytes.length) return damaged;
    const value = LIES[random.integer(0, LIES.length)]!;
    const little = random.integer(0, 2) === 0;
    const float = random.integer(0, 3) === 0;
    if (width === 2) view.setInt16(from, value, little);
    else if (width === 4) float ? view.setFloat32(from, value * 1e30, little) : view.setInt32(from, value, little);
    else float ? view.setFloat64(from, value * 1e300, little) : view.setBigInt64(from, BigInt(value) << 20n, little);
    return damaged;
  },
  textLie: (bytes, random) => {
    const text = Buffer.from(bytes.subarray(0, HEADER)).toString('latin1');
    const numbers = [...text.matchAll(/-?\d+(\.\d+)?/g)];
    if (numbers.length === 0) return bytes.slice();
    const chosen = numbers[random.integer(0, numbers.length)]!;
    const lie = TEXT_LIES[random.integer(0, TEXT_LIES.length)]!;
    return splice(bytes, chosen.index, chosen[0].length, Buffer.from(lie));
  },
  lose: (bytes, random) => splice(bytes, somewhere(bytes, random), random.integer(1, 64), new Uint8Array(0)),
  repeat: (bytes, random) => {
    const from = somewhere(bytes, random);
    return splice(bytes, from, 0, bytes.slice(from, from + random.integer(1, 64)));
  },
};

/** One damage of the bytes; of what is inside, half of the time, where they are packed with gzip. */
export function mutate(file: Uint8Array, random: Random): { name: string; bytes: Uint8Array } {
  // A Buffer's slice would share its memory.
  const bytes = Uint8Array.from(file);
  const names = Object.keys(DAMAGES);
  const name = names[random.integer(0, names.length)]!;
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b && random.integer(0, 2) === 0;
  if (!packed) return { name, bytes: DAMAGES[name]!(bytes, random) };
  return {
    name: `${name} inside`,
    bytes: gzipSync(DAMAGES[name]!(Uint8Array.from(gunzipSync(bytes)), random), { level: 1 }),
  };
}

function somewhere(bytes: Uint8Array, random: Random): number {
  const header = random.integer(0, 4) > 0;
  return random.integer(0, Math.max(1, header ? Math.min(HEADER, bytes.length) : bytes.length));
}

function splice(bytes: Uint8Array, from: number, count: number, insert: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + count)]));
}
