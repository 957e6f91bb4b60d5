/**
 * 64-bit integers, which numbers of JavaScript hold exactly up to 2⁵³ only, as an array of a type that volumes have.
 */

import { HOST_LITTLE } from './formats/voxel-layout.js';
import type { StoredArray } from './volume.js';

/**
 * As 32-bit integers where all fit, else as doubles where all are exact, else undefined.
 * @param buffer in the byte order of the machine; it may become the memory of the result
 */
export function narrow(buffer: ArrayBuffer, signed: boolean): StoredArray | undefined {
  const words = new Uint32Array(buffer);
  const count = words.length / 2;
  const [low, high] = HOST_LITTLE ? [0, 1] : [1, 0];
  const upper = (index: number) => (signed ? words[2 * index + high]! | 0 : words[2 * index + high]!);
  let small = true;
  for (let index = 0; index < count; index++) {
    const top = upper(index);
    if (top !== (signed ? words[2 * index + low]! >> 31 : 0)) small = false;
    if (top > 0x1fffff || top < -0x200000) return undefined;
  }
  if (small) {
    const data = signed ? new Int32Array(count) : new Uint32Array(count);
    for (let index = 0; index < count; index++) data[index] = words[2 * index + low]!;
    return data;
  }
  const data = new Float64Array(buffer);
  for (let index = 0; index < count; index++) data[index] = upper(index) * 2 ** 32 + words[2 * index + low]!;
  return data;
}
