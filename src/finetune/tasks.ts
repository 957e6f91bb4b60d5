/** The tasks of fine-tuning, a line each. */
import { classification } from './classification/task.js';
import type { FinetuneConfig, Task } from './config.js';
import { segmentation } from './segmentation/task.js';
import type { TaskDefinition, TaskNetwork } from './task.js';

const registry: Readonly<Record<Task, TaskDefinition>> = { segmentation, classification };

export function taskOf({ task }: Pick<FinetuneConfig, 'task'>): TaskDefinition {
  return registry[task];
}

/** The network of a complete configuration. @param weights one for each class */
export function taskNetwork(config: FinetuneConfig, weights: readonly number[]): TaskNetwork {
  return taskOf(config).network(config, weights);
}
