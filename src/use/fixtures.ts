/** A small network and images for the tests of this folder. */

import type { Tensor } from '../core/tensor.js';
import { initialParameters, unpackParameters } from '../nn/index.js';
import { loadConfig } from '../node/config-file.js';
import { chestPhantom } from '../phantom/index.js';
import { specsOf } from '../pretrain/methods.js';
import { createModel, type Model } from './model.js';

/** A network with fresh parameters; trained at images of 48 × 48 pixels. */
export function smallModel(...settings: string[]): Model {
  const channels = 'model.channels=[8, 8, 16, 16, 16, 16, 16, 8, 8]';
  const config = loadConfig({ settings: [channels, 'views.crop=[32, 32]', ...settings] });
  const specs = specsOf(config);
  return createModel(config, unpackParameters(initialParameters(specs, 1), specs));
}

/** A chest phantom, `[1, height, width]`. */
export function chest(height: number, width: number, subject = 0): Tensor {
  return chestPhantom({ size: [height, width], seed: 5, subject }).image;
}
