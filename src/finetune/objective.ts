/** What a fine-tuning minimises: the loss of its task on images and targets. */
import type { Objective, Values } from '../train/objective.js';
import type { FinetuneConfig } from './config.js';
import { groupsOf } from './groups.js';
import type { TaskNetwork } from './task.js';

export function finetuneObjective(config: FinetuneConfig, task: TaskNetwork): Objective {
  const { data, views } = config;
  return {
    groups: groupsOf(config),
    sampleShapes: { image: [data.channels, ...views.crop], target: [1, ...task.targetShape] },
    totals: { total: ({ target }) => task.weigh(target!) },
    losses(parameters, { image, target, total }: Values) {
      const { loss, parts } = task.loss(parameters, image!, target!, total!);
      return { objective: loss, sums: { loss, ...parts } };
    },
    results: (sums) => ({ ...sums, loss: sums.loss! }),
  };
}
