/** The methods of pretraining, by their names in a configuration. */

import type { ParameterSpec } from '../nn/index.js';
import type { Config } from './config-index.js';
import { consistencyMethod } from './consistency/method.js';
import { contrastMethod } from './contrast/method.js';
import { coverMethod } from './cover/method.js';
import type { CoverOptions } from './cover/step.js';
import type { Method, MethodName } from './method.js';
import { restorationMethod } from './restoration/method.js';

const methods: Readonly<Record<MethodName, (config: Config) => Method>> = {
  cover: (config) => coverMethod(coverOptions(config)),
  consistency: (config) => consistencyMethod(coverOptions(config)),
  contrast: (config) =>
    contrastMethod({ ...coverOptions(config), ...config.contrast, channels: config.model.channels }),
  restoration: (config) => restorationMethod({ ...coverOptions(config), corruption: config.restoration }),
};

/** The method that a configuration names. */
export function methodOf(config: Config): Method {
  return methods[config.method](config);
}

/** The network's options within a configuration. */
export function coverOptions(config: Config): CoverOptions {
  const dims = config.views.crop.length as 2 | 3;
  return { dims, inputs: config.data.channels, ...config.model, ...config.losses };
}

/** The parameters of the network in training. */
export function specsOf(config: Config): readonly ParameterSpec[] {
  return methodOf(config).specs;
}
