/** The values of decoders, which have the channels of a pixel beside each other, as planes. */

/**
 * `[...S, stride]` to `[channels, ...S]`; what lies beyond the channels is dropped.
 * @param size pixels
 */
export function toPlanes(stored: ArrayLike<number>, size: number, channels: number, stride = channels): Float32Array {
  const data = new Float32Array(size * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let index = 0; index < size; index++) data[channel * size + index] = stored[index * stride + channel]!;
  }
  return data;
}

/** Whether the last of the channels, which is opacity, is anywhere less than its largest value. */
export function alphaBelow(stored: ArrayLike<number>, channels: number, largest: number): boolean {
  for (let at = channels - 1; at < stored.length; at += channels) if (stored[at]! < largest) return true;
  return false;
}
