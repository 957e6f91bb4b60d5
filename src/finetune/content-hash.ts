/** What tells a case apart from others, whatever its name: a hash of its image as the network takes it. */
import type { Tensor } from '../core/tensor.js';

/**
 * The first 128 bits of SHA-256 over the extents and the values, in hexadecimal digits. Two files that hold the same
 * pixels have one hash, whatever their names and formats.
 * @param image `[C, ...S]`, fitted as the configuration of a run says
 */
export async function contentHash({ shape, data }: Tensor): Promise<string> {
  const bytes = new Uint8Array(4 * (shape.length + data.length));
  bytes.set(new Uint8Array(Uint32Array.from(shape).buffer));
  // A copy, because the values may lie in memory that threads share, which cannot be hashed.
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 4 * shape.length);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
