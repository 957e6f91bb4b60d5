/** How the groups of a fine-tuning learn: the head always, the backbone by its mode. */
import type { GroupStep, Learning } from '../train/groups.js';
import { learningRate } from '../train/schedule.js';
import type { FinetuneConfig } from './config.js';

/** The rates of a step: the schedule's for the head, and so many times that for a backbone that learns. */
export function learningAt(config: FinetuneConfig, step: number): Learning & { readonly head: GroupStep } {
  const { optimizer, schedule, backbone } = config;
  const rate = learningRate(optimizer.rate, step, schedule);
  const frozen = frozenSteps(config);
  const head = { rate, step };
  return step <= frozen ? { head } : { head, backbone: { rate: rate * backbone.rate, step: step - frozen } };
}

/** Steps in which the backbone stays as it is. */
function frozenSteps({ backbone, schedule }: FinetuneConfig): number {
  if (backbone.mode === 'frozen') return schedule.steps;
  return backbone.mode === 'warm' ? backbone.frozenSteps : 0;
}
