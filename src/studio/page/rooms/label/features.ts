/** The features of an image by the project's network, fetched once and compared in the page. */
import { tensor } from '../../../../core/tensor';
import { type ImageFeatures, imageFeatures } from '../../../drawing/likeness';
import type { FeatureFacts } from '../../../server/pairs/features';
import { getFrame } from '../../api';

const KEPT = 6;
const known = new Map<string, Promise<ImageFeatures & { own: readonly [number, number] }>>();

/** @param run the id of a pretraining @param image a path below the data */
export function loadFeatures(run: string, image: string): Promise<ImageFeatures & { own: readonly [number, number] }> {
  const key = `${run}|${image}`;
  const kept = known.get(key);
  if (kept) return kept;
  const loading = fetchFeatures(run, image);
  known.set(key, loading);
  loading.catch(() => known.delete(key));
  if (known.size > KEPT) known.delete(known.keys().next().value as string);
  return loading;
}

async function fetchFeatures(run: string, image: string) {
  const { facts, arrays } = await getFrame<FeatureFacts>('pairs/features', { run, image });
  const levels = facts.levels.map(({ shape, span }, level) => ({
    features: tensor(shape, arrays[`level${level}`] as Float32Array),
    span,
  }));
  return { ...imageFeatures(facts.grid, levels), own: facts.own };
}
