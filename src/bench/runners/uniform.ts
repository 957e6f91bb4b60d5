/** Random arrays, the same in every process. */
import { randomStream } from '../../core/random.js';

const random = randomStream(0, 'bench');

/** So many values, evenly from 0 to 1. */
export const uniform = (count: number) => Float32Array.from({ length: count }, () => random.uniform());

/** So many values about 0. */
export const normal = (count: number, deviation: number) => random.normals(new Float32Array(count), deviation);
