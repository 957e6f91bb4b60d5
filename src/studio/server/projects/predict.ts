/** Predictions of a project as files, with a map of how certain each pixel is. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Labels } from '../../../data/labelled/index.js';
import { writeFileAtomic } from '../../../system/files.js';
import type { Segmenter } from '../../../use/segmentation/segment.js';
import type { PredictionPlace } from '../../answers/predictions.js';
import { inputWithin } from '../data/read.js';
import { imageOf, readDrawn } from './drawn.js';
import { groundOf, maskPath, readMask, writeMask } from './masks.js';
import { imagesOf, type Places, projectFolder, readPredicted, readRecord } from './store.js';

/** @param segmenter predicts; it is closed with the place */
export function predictionPlace(places: Places, project: string, segmenter: Segmenter): PredictionPlace {
  const folder = join(projectFolder(places, project), 'predicted');
  const record = readRecord(places, project);
  return {
    record,
    images: imagesOf(places, record),
    ask: (question) => question(segmenter),
    input: (image) => inputWithin(places.data, image, segmenter),
    drawn: (id, image) => readDrawn(places, project, id, image),
    clear: async () => rmSync(folder, { recursive: true, force: true }),
    async keep(id, image, { labels, certainty }) {
      const ground = await groundOf(places, image);
      await writeMask(maskPath(folder, id, image), labels.data, ground);
      await writeMask(maskPath(folder, `${id}.certainty`, image), certainty, ground);
    },
    write: async (predicted) => writeFileAtomic(join(folder, 'index.json'), JSON.stringify(predicted)),
    close: () => segmenter.close(),
  };
}

/** The newest prediction of a case; null where there is none. */
export async function readPrediction(
  places: Places,
  project: string,
  id: string,
): Promise<{ labels: Labels; certainty: Labels } | null> {
  const image = imageOf(places, readRecord(places, project), id);
  const folder = join(projectFolder(places, project), 'predicted');
  if (!Object.hasOwn(readPredicted(places, project).cases, id)) return null;
  // All are removed when the cases are predicted anew, which may be while this one is read.
  const labels = await readMask(maskPath(folder, id, image));
  const certainty = await readMask(maskPath(folder, `${id}.certainty`, image));
  return labels && certainty ? { labels, certainty } : null;
}
