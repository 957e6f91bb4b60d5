/** Bytes as base64 text. */

/** Bytes that are turned at once; a multiple of 3, so that the texts of all pieces join. */
const PIECE = 3 * 2 ** 13;

export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += PIECE) {
    text += btoa(String.fromCharCode(...bytes.subarray(start, start + PIECE)));
  }
  return text;
}
