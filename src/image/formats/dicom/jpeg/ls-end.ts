/**
 * Whether a JPEG-LS stream has its end mark (ITU T.87, annex C). The codec reads on behind a stream that is cut,
 * through its own memory, for seconds; so the scans are walked first. In coded data a byte 0xFF is followed by one
 * below 0x80.
 */
export function hasLsEnd(bytes: Uint8Array, dataStart: number): boolean {
  for (let at = dataStart; at + 1 < bytes.length; ) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff || marker < 0x80) at++;
    else if (marker === 0xd9) return true;
    else if (marker === 0xff) at++;
    else if (marker >= 0xd0 && marker <= 0xd7) at += 2;
    else at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
  return false;
}
