/** Fine-tuning as a kind of training: its checkpoints, and what a new run begins with. */
import { initialParameters } from '../nn/index.js';
import type { CheckpointKind } from '../train/checkpoint.js';
import { readSettings } from '../train/config/read.js';
import { initialWeights } from '../train/initial-weights.js';
import type { StartKind } from '../train/start.js';
import { finetuneBase, storedConfig } from '../train/stored-settings.js';
import { completeConfig } from './complete.js';
import { type FinetuneConfig, finetuneSchema } from './config.js';
import { groupsOf } from './groups.js';
import type { FinetuneHost } from './host.js';
import { pretrainedOf } from './pretrained.js';

/** What checkpoints of a fine-tuning say. */
export const checkpointKind: CheckpointKind<FinetuneConfig> = {
  metadata: ({ task }) => ({ task }),
  configOf(metadata) {
    if (metadata.task === undefined) return null;
    return finetuneSchema.safeParse(storedConfig(metadata.config)).data ?? null;
  },
  groupsOf,
  optimizerOf: ({ optimizer }) => optimizer,
  expected: [
    'expected a checkpoint of a fine-tuning run, found another file',
    'A pretraining run is continued with cover pretrain --resume.',
  ],
};

export function finetuneKind(host: FinetuneHost): StartKind<FinetuneConfig> {
  return {
    ...checkpointKind,
    parse: (text, name) => readSettings(finetuneSchema, finetuneBase, { file: { name: `${name}/config.yaml`, text } }),
    async begin(settings) {
      const { from } = settings.model;
      const pretrained = from === 'scratch' ? null : pretrainedOf(await host.readWeights(from));
      const config = await completeConfig(settings, await host.layout(settings), pretrained, host);
      const { backbone, head } = groupsOf(config);
      const fresh = ['head.theta', initialParameters(head, config.seed)] as const;
      if (!pretrained) {
        const drawn = ['backbone.theta', initialParameters(backbone, config.seed)] as const;
        return { config, state: () => new Map([fresh, drawn]) };
      }
      const weights = initialWeights(pretrained.weights, backbone, config.seed);
      const afresh = new Set(head.map(({ name }) => name));
      const unused = weights.report.unused.filter((name) => !afresh.has(name));
      return {
        config,
        state: () => new Map([fresh, ['backbone.theta', weights.theta]]),
        initialWeights: { ...weights, report: { ...weights.report, unused } },
      };
    },
  };
}
