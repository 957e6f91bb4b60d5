/** From which classes of a segmentation islands are removed: pieces smaller than half of the largest one. */
import { singleComponents } from '../../data/labelled/islands.js';
import type { SampleSet } from '../../data/labelled/sample-set.js';
import type { FinetuneConfig } from '../config.js';

/** The configuration of a new run with what the known labels say, where it leaves that open. */
export function withSingle(config: FinetuneConfig, known: readonly SampleSet[]): FinetuneConfig {
  const { data, task } = config;
  if (data.removeIslands) return config;
  const labels = known.flatMap((set) => Array.from({ length: set.count }, (_, index) => set.labels(index)));
  const single = task === 'segmentation' ? singleComponents(labels, data.classes.length) : [];
  return { ...config, data: { ...data, removeIslands: single.map((index) => data.classes[index]!) } };
}

/** The indices of these classes; none where a run or a file is from before they were chosen. */
export function singleOf({ data }: FinetuneConfig): number[] {
  return (data.removeIslands ?? []).map((name) => data.classes.indexOf(name));
}
