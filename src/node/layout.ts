/** The labelled data that a configuration names. */
import { InputError } from '../core/errors.js';
import { type Layout, readLayout } from '../data/labelled/index.js';
import { datasetPresets, presetLayout } from '../data/presets/index.js';
import type { FinetuneConfig } from '../finetune/config.js';

/**
 * The cases of the folder, by its own layout or by that of a named dataset; `splits.json` or `splits_final.json` in the
 * folder divides either.
 * @throws InputError ('data') when the folder has no known layout or not that of the dataset, ('config') for a dataset
 * of another task
 */
export function layoutOf({ data, task }: Pick<FinetuneConfig, 'data' | 'task'>): Layout {
  if (data.preset === '') return readLayout(data.source, task, data.fold);
  const wanted = datasetPresets[data.preset].task;
  if (wanted === task) return presetLayout(data.preset, data.source, data.fold);
  throw new InputError(
    'config',
    `data.preset: ${data.preset} is a ${wanted}, found task=${task}`,
    `Set task=${wanted}.`,
  );
}
