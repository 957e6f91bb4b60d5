/** What was drawn as a dataset of the labelled cases alone, as `cover finetune` and an atlas read it. */
import { readdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { writeFileAtomic } from '../../../system/files.js';
import { asLabels } from '../../answers/prediction.js';
import { divided, transferredIn } from '../../answers/project.js';
import { readDrawn } from './drawn.js';
import { groundOf, maskPath, writeMask } from './masks.js';
import { readPrediction } from './predict.js';
import { drawnIds, imagesOf, type Places, readPredicted, readRecord } from './store.js';

/**
 * Writes the dataset of a project, with what is held out as its validation part.
 * @param folder where it is written
 * @param all takes cases to which labels were transferred as well
 * @throws Conflict ('data') where no labelled case is left to train on
 */
export async function writeDataset(places: Places, name: string, folder: string, all = false): Promise<void> {
  const record = readRecord(places, name);
  const images = imagesOf(places, record);
  const drawn = drawnIds(places, name);
  const transferred = all ? transferredIn(record, readPredicted(places, name), drawn, images) : [];
  const { ids, splits } = divided(record, drawn, images, transferred);
  const labels = new Map<string, string>();
  const keep = async (id: string, data: Uint8Array) => {
    const image = images.get(id)!;
    const path = maskPath(join(folder, 'labels'), id, image);
    await writeMask(path, data, await groundOf(places, image));
    labels.set(id, basename(path));
  };
  for (const id of ids) {
    const { data } = (await readDrawn(places, name, id, images.get(id)!))!;
    await keep(id, asLabels(data, record.restIsBackground));
  }
  for (const id of transferred) {
    const found = await readPrediction(places, name, id);
    if (found) await keep(id, found.labels.data);
  }
  removeOthers(join(folder, 'labels'), new Set(labels.values()));
  const entry = (id: string) => ({ image: relative(folder, images.get(id)!), label: `labels/${labels.get(id)!}` });
  const description = {
    classes: Object.fromEntries(record.classes.map((className, index) => [index, className])),
    training: [...labels.keys()].map(entry),
  };
  writeFileAtomic(join(folder, 'dataset.json'), `${JSON.stringify(description, null, 2)}\n`);
  writeFileAtomic(join(folder, 'splits.json'), `${JSON.stringify(splits, null, 2)}\n`);
}

function removeOthers(folder: string, names: ReadonlySet<string>): void {
  for (const file of readdirSync(folder)) if (!names.has(file)) rmSync(join(folder, file));
}
