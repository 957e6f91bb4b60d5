/** How unlike the labelled cases every case is, by a pretrained network whose features are kept. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../../core/errors.js';
import { writeFileAtomic } from '../../../system/files.js';
import type { Network } from '../../../use/index.js';
import { distancesFrom, meanFeatures } from '../../answers/distances.js';
import { keptFeatures, keptText } from '../../answers/kept-features.js';
import { inputFor } from '../data/read.js';
import { drawnIds, imagesOf, type Places, projectFolder, readRecord } from './store.js';

/** @throws InputError ('config') where the project begins with no pretrained network */
export function networkOf(places: Places, name: string): string {
  const { from, runs } = readRecord(places, name);
  if (from !== 'scratch' && !runs.includes(from)) return from;
  throw new InputError(
    'config',
    `${name}: expected a project that begins with a pretrained network, found one without`,
    'Choose one under Begins with: features of images come from it.',
  );
}

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
