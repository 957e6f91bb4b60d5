/**
 * Where a training computes. The page knows this interface alone; today there is one place, this computer through the
 * server, where a training goes on when the page is closed.
 */
import { post } from '../api';

export interface TrainingWish {
  readonly project: string;
  readonly steps: number;
  /** `section.key=value`, as `cover finetune --set` takes it. */
  readonly settings: readonly string[];
}

export interface TrainingPlace {
  readonly name: string;
  /** Begins to train on what is labelled; gives the id of the run. */
  start(wish: TrainingWish): Promise<string>;
  /** Ends a training with a checkpoint. */
  stop(run: string): Promise<void>;
  /** Begins to predict all cases. */
  predict(project: string, run: string): Promise<void>;
}

export const thisComputer: TrainingPlace = {
  name: 'this computer',
  start: async (wish) => (await post<{ run: string }>('projects/train', wish)).run,
  stop: async (run) => void (await post('jobs/stop', { run })),
  predict: async (project, run) => void (await post('projects/predict', { project, run })),
};

export const trainingPlaces: readonly TrainingPlace[] = [thisComputer];
