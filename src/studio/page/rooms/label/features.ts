/** The features of an image by the project's network, fetched once and compared in the page. */
import { tensor } from '../../../../core/tensor';
import { centred, type ImageFeatures, imageFeatures } from '../../../drawing/likeness';
import { at } from '../../place/places';

const KEPT = 6;
const known = new Map<string, Promise<ImageFeatures>>();

/**
 * @param run the address of a pretraining
 * @param image the address of an image at the same place
 * @param less whether their mean over the image is taken off
 */
export function loadFeatures(run: string, image: string, less = false): Promise<ImageFeatures> {
  const key = `${run}|${image}|${less}`;
  const kept = known.get(key);
  if (kept) return kept;
  const loading = fetchFeatures(run, image, less);
  known.set(key, loading);
  loading.catch(() => known.delete(key));
  if (known.size > KEPT) known.delete(known.keys().next().value as string);
  return loading;
}

async function fetchFeatures(run: string, image: string, less: boolean): Promise<ImageFeatures> {
  const { facts, arrays } = await at(run).place.features(at(run).name, at(image).name);
  const levels = facts.levels.map(({ shape, span }, level) => ({
    features: tensor(shape, arrays[`level${level}`] as Float32Array),
    span,
  }));
  return imageFeatures(facts.grid, less ? centred(levels) : levels, facts.along);
}
