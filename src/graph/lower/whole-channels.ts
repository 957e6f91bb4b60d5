/**
 * A convolution in 2D for WebGPU, whose runtime computes wrong values where the input's channels are 6, 9, 15 or
 * another multiple of 3 above 3 that is none of 4 (microsoft/onnxruntime issue 29651; found with 1.30): zeros fill
 * them up.
 */
import { sizeOf } from '../../core/tensor.js';
import type { Shape, Value } from '../graph.js';
import { pad } from '../ops/arrange.js';

/** @param x `[N, C, H, W]` @param weight `[O, C, ...odd]` */
export function conv2d(x: Value, weight: Value, bias?: Value): Value {
  const [batch, channels, ...extents] = x.shape as [number, number, ...number[]];
  const [out, , ...kernel] = weight.shape as [number, number, ...number[]];
  const wrong = sizeOf(kernel) > 1 && channels > 3 && channels % 3 === 0 && channels % 4 !== 0;
  const filled = (map: Value) => (wrong ? pad(map, [0, 0, 0, 0], [0, 4 - (channels % 4), 0, 0]) : map);
  const half = kernel.map((extent) => (extent - 1) / 2);
  const shape: Shape = [batch, out, ...extents];
  const inputs = [filled(x), filled(weight), ...(bias ? [bias] : [])];
  return x.graph.node('Conv', inputs, { pads: [...half, ...half] }, [{ shape }])[0]!;
}
