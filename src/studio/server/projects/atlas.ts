/** What is drawn in a project, carried to its other cases by the pretrained network that it begins with. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openAtlas } from '../../../node/index.js';
import { loadModel } from '../../../node/models.js';
import type { Segmenter } from '../../../use/segmentation/segment.js';
import { writeDataset } from './dataset.js';
import { type Places, projectFolder } from './store.js';

/**
 * Reads the labelled cases that are not held out; gives what makes a segmenter of them.
 * @param run the folder of a pretraining
 * @throws Conflict ('data') where there is no such case
 */
export async function prepareAtlas(places: Places, name: string, run: string): Promise<() => Promise<Segmenter>> {
  // One of its own: another transfer may begin before this one has read it.
  const folder = join(projectFolder(places, name), `atlas-${randomUUID()}`);
  await writeDataset(places, name, folder);
  return async () => {
    try {
      return (await openAtlas(loadModel(run), { folder })).segmenter;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
