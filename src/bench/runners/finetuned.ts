/** A fine-tuned network of the default size, with random weights. */
import { readFinetuneConfig } from '../../finetune/config.js';
import { groupsOf } from '../../finetune/groups.js';
import { taskNetwork } from '../../finetune/tasks.js';
import { initialParameters } from '../../nn/index.js';
import type { FinetunedModel } from '../../use/finetuned-model.js';
import { type BenchCase, extentsOf } from '../cases.js';

/** @param settings beyond the classes, such as `data.fit=keep` */
export function finetunedModel(
  one: BenchCase,
  task: 'segmentation' | 'classification',
  settings: readonly string[] = [],
): FinetunedModel {
  const extents = JSON.stringify(extentsOf(one));
  const config = readFinetuneConfig({
    settings: [`task=${task}`, 'data.classes=[none, a, b, c]', `views.crop=${extents}`, ...settings],
  });
  const specs = Object.values(groupsOf(config)).flat();
  return {
    config,
    classes: config.data.classes,
    task: taskNetwork(config, [1, 1, 1, 1]),
    specs,
    theta: initialParameters(specs, 0),
    step: 0,
    source: 'random weights',
  };
}
