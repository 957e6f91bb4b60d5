/** Bare deflate, up to a bound that is known beforehand; what comes out beyond it is never in memory. */
import { Inflate } from 'fflate';
import { joined } from '../core/bytes.js';

const PIECE = 2 ** 16;

/**
 * @param most bytes that may come out
 * @throws Error where the code is damaged, cut short or longer
 */
export function inflateRaw(packed: Uint8Array, most: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const stream = new Inflate((piece) => {
    total += piece.length;
    if (total > most) throw new Error(`more than ${most} bytes`);
    pieces.push(piece);
  });
  for (let at = 0; at < packed.length; at += PIECE) {
    stream.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
  }
  return joined(pieces);
}
