/** The network's options within a configuration, as the methods of two views take them. */
import type { BaseConfig } from './base-config.js';

export function networkOptions(config: Pick<BaseConfig, 'data' | 'views' | 'model' | 'losses'>) {
  const dims = config.views.crop.length as 2 | 3;
  return { dims, inputs: config.data.channels, ...config.model, ...config.losses };
}
