/** How unlike the labelled cases every case is, by a pretrained network whose features are kept. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../system/files.js';
import type { Network } from '../../../use/index.js';
import { distancesFrom, meanFeatures } from '../../answers/distances.js';
import { keptFeatures, keptText } from '../../answers/kept-features.js';
import { inputFor } from '../data/read.js';
import { drawnIds, imagesOf, type Places, projectFolder, readRecord } from './store.js';

function textOf(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

export async function caseDistances(places: Places, name: string, network: Network): Promise<Record<string, number>> {
  const file = join(projectFolder(places, name), 'features.json');
  const known = keptFeatures(textOf(file), network.model.source);
  const features = new Map<string, Float32Array>();
  for (const [id, path] of imagesOf(places, readRecord(places, name))) {
    const image = () => inputFor(places.data, path, network.model.config);
    features.set(id, known.get(id) ?? (await meanFeatures(network, await image())));
  }
  if (features.size > known.size) writeFileAtomic(file, keptText(features, network.model.source));
  return distancesFrom(features, drawnIds(places, name));
}
