/** A small model that shows how fast a device is. */
import { tensor } from '../core/tensor.js';
import { add, conv, full, Graph, reduceMean, type Target } from '../graph/index.js';
import { encodeOnnx } from '../onnx/encode.js';

const CHANNELS = 32;
const LAYERS = 4;

/**
 * A chain of convolutions as in the network, from one number `x` to one number `y`: what a step is made of. An extent
 * of 16 makes 19 MFLOP, one of 128 makes 1.2 GFLOP.
 */
export function speedModel(target: Target, extent: number): Uint8Array {
  const graph = new Graph(target);
  const shape = [1, CHANNELS, extent, extent];
  const weight = graph.constant(tensor([CHANNELS, CHANNELS, 3, 3]).data.fill(1e-3), [CHANNELS, CHANNELS, 3, 3]);
  const bias = graph.constant(new Float32Array(CHANNELS), [CHANNELS]);
  let y = add(full(graph.constant(0), shape, 0), graph.input('x', [1]));
  for (let layer = 0; layer < LAYERS; layer++) y = conv(y, weight, bias);
  return encodeOnnx({ y: reduceMean(y) });
}
