/** The full-resolution features of an image, the weights as constants of the graph. */
import { tensor } from '../../core/tensor.js';
import { loadGraph } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { Graph, type Value } from '../../graph/index.js';
import { defaultChannels, initialParameters, unet, unetSpecs, unpackParameters } from '../../nn/index.js';
import { type BenchCase, extentsOf } from '../cases.js';
import { uniform } from './uniform.js';

export async function embedRunner(one: BenchCase): Promise<() => Promise<void>> {
  const { dims, size, batch } = one;
  const shape = [batch, 1, ...extentsOf(one)];
  const specs = unetSpecs('backbone.', 1, defaultChannels, dims);
  const engine = await startEngine({ device: 'cpu' });
  const graph = new Graph(engine.target);
  const parameters = new Map<string, Value>();
  for (const [name, { shape: extents, data }] of unpackParameters(initialParameters(specs, 0), specs)) {
    parameters.set(name, graph.constant(data, extents));
  }
  const features = unet(parameters, 'backbone.', graph.input('image', shape)).at(-1)!;
  const program = await loadGraph(engine, { features });
  const image = tensor(shape, uniform(batch * size ** dims));
  return async () => {
    await engine.run(program, { image });
  };
}
