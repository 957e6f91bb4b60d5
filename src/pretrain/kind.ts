/** Pretraining as a kind of training: its checkpoints, and what a new run begins with. */
import { initialParameters } from '../nn/index.js';
import { readSettings } from '../train/config/read.js';
import { partName } from '../train/groups.js';
import type { TrainingHost } from '../train/host.js';
import { initialWeights } from '../train/initial-weights.js';
import type { StartKind } from '../train/start.js';
import { pretrainBase, storedConfig } from '../train/stored-settings.js';
import { type Config, configSchema } from './config.js';
import { GROUP, specsOf } from './methods.js';

const THETA = partName(GROUP, 'theta');

export function pretrainKind(host: Pick<TrainingHost, 'readWeights'>): StartKind<Config> {
  return {
    ...checkpointKind,
    parse: (text, name) => readSettings(configSchema, pretrainBase, { file: { name: `${name}/config.yaml`, text } }),
    async begin(config, initFrom) {
      const specs = specsOf(config);
      if (initFrom === undefined) {
        return { config, state: () => new Map([[THETA, initialParameters(specs, config.seed)]]) };
      }
      const weights = initialWeights(await host.readWeights(initFrom), specs, config.seed);
      return { config, state: () => new Map([[THETA, weights.theta]]), initialWeights: weights };
    },
  };
}

/** What checkpoints of a pretraining say. */
export const checkpointKind = {
  metadata: ({ method }: Config) => ({ method }),
  configOf(metadata: Readonly<Record<string, string>>): Config | null {
    if (metadata.task !== undefined) return null;
    return configSchema.safeParse(storedConfig(metadata.config)).data ?? null;
  },
  groupsOf: (config: Config) => ({ [GROUP]: specsOf(config) }),
  optimizerOf: ({ optimizer }: Config) => optimizer,
  expected: ['this is not a checkpoint of a pretraining run', 'Use `--init-from` for weights alone.'] as const,
};
