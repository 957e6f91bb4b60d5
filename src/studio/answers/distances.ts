/** Which case is least like those that are labelled, by the features of a pretrained network. */
import type { CaseInput } from '../../data/input.js';
import { backboneFeatures, type Network, pairwiseDistances } from '../../use/index.js';
import { seen } from './seen.js';

/** What an image is like as a whole: the mean of its features over the image. */
export async function meanFeatures(network: Network, input: CaseInput): Promise<Float32Array> {
  const [features] = await backboneFeatures(network, seen(network, input).image, [4]);
  const { shape, data } = features!;
  const channels = shape[0]!;
  const places = data.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let at = channel * places; at < (channel + 1) * places; at++) sum += data[at]!;
    return sum / places;
  });
}

/**
 * How far every case lies from the nearest labelled one, where 1 is the mean distance of a case from the middle; from
 * the middle of all where none is labelled.
 * @param features of every case, of one length
 */
export function distancesFrom(
  features: ReadonlyMap<string, Float32Array>,
  labelled: ReadonlySet<string>,
): Record<string, number> {
  const ids = [...features.keys()];
  const channels = features.get(ids[0] ?? '')?.length ?? 0;
  if (channels === 0) return {};
  const rows = [...features.values()];
  const known = ids.flatMap((id, index) => (labelled.has(id) ? [index] : []));
  if (known.length === 0) {
    rows.push(
      Float32Array.from({ length: channels }, (_, c) => rows.reduce((sum, row) => sum + row[c]!, 0) / ids.length),
    );
    known.push(ids.length);
  }
  const vectors = new Float32Array(rows.length * channels);
  rows.forEach((row, index) => {
    vectors.set(row, index * channels);
  });
  const none = { labels: new Uint8Array(rows.length), images: new Uint16Array(rows.length) };
  const distances = pairwiseDistances({ vectors, channels, ...none }, 'euclidean');
  return Object.fromEntries(
    ids.map((id, index) => [id, Math.min(...known.map((other) => distances[index * rows.length + other]!))]),
  );
}
