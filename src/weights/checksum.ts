/**
 * A checksum over everything that a safetensors file says: names, types, shapes and values of the tensors, and the
 * metadata. The order of the tensors and where they lie in the file play no part.
 */
import type { Tensor } from '../core/tensor.js';
import { fromFloat32, type StoredTensor } from './stored.js';

/** The metadata entry that holds it. */
export const CHECKSUM = 'checksum';

/** SHA-256 in hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param metadata its entry for the checksum, if any, is left out */
export async function checksumOf(
  tensors: Iterable<readonly [string, Tensor | StoredTensor]>,
  metadata: Readonly<Record<string, string>>,
): Promise<string> {
  const rows: (readonly [string, string, readonly number[], string])[] = [];
  for (const [name, value] of tensors) {
    const { dtype, shape, bytes } = 'bytes' in value ? value : fromFloat32(value);
    rows.push([name, dtype, shape, await sha256(bytes)]);
  }
  rows.sort(([a], [b]) => (a < b ? -1 : 1));
  const words = Object.entries(metadata)
    .filter(([name]) => name !== CHECKSUM)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(new TextEncoder().encode(JSON.stringify([words, rows])));
}
