/**
 * The gradient of the linear upsampling in 3D for a device without grouped 3D convolutions: all channels have the same
 * filter, so they become samples of one channel.
 */
import type { Value } from '../graph.js';
import { reshape } from '../ops/arrange.js';
import { halfPixelAdjoint } from '../ops/upsample.js';

export function gradientByChannels(dy: Value): Value | undefined {
  const [batch, channels, ...extents] = dy.shape as [number, number, ...number[]];
  if (extents.length !== 3) return undefined;
  const samples = halfPixelAdjoint(reshape(dy, [batch * channels, 1, ...extents]));
  return reshape(samples, [batch, channels, ...samples.shape.slice(2)]);
}
