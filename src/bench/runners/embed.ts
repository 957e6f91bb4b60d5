/** The full-resolution features of an image. */
import { tensor } from '../../core/tensor.js';
import { initialParameters, unpackParameters } from '../../nn/index.js';
import { openNetwork } from '../../node/networks.js';
import { readConfig } from '../../pretrain/config.js';
import { specsOf } from '../../pretrain/methods.js';
import { backboneFeatures } from '../../use/embed.js';
import { createModel } from '../../use/model.js';
import { type BenchCase, extentsOf } from '../cases.js';
import { uniform } from './uniform.js';

export async function embedRunner(one: BenchCase): Promise<() => Promise<void>> {
  const extents = extentsOf(one);
  const config = readConfig({ settings: [`views.crop=${JSON.stringify(extents)}`] });
  const specs = specsOf(config);
  const network = await openNetwork(createModel(config, unpackParameters(initialParameters(specs, 0), specs)));
  const image = tensor([1, ...extents], uniform(one.size ** one.dims));
  return async () => {
    await backboneFeatures(network, image, [4]);
  };
}
