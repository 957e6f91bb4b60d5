/** The picture of a validation sample for methods that give back a view of which the network saw a part. */
import { type Picture, samplePanel } from '../report/index.js';
import type { Tensors } from '../train/objective.js';

/** Both views, what the network saw of each and what it made of that, and the features of the fixed view. */
export function restoredPanel(
  { moving, fixed }: Tensors,
  seen: { readonly title: string; readonly moving: Tensors[string]; readonly fixed: Tensors[string] },
  { restoredMoving, restoredFixed, fixedFeatures }: Tensors,
): Picture {
  return samplePanel(
    [
      { title: 'moving', map: moving!, as: 'gray' },
      { title: seen.title, map: seen.moving, as: 'gray' },
      { title: 'restored', map: restoredMoving!, as: 'gray' },
      { title: 'fixed', map: fixed!, as: 'gray' },
      { title: seen.title, map: seen.fixed, as: 'gray' },
      { title: 'restored', map: restoredFixed!, as: 'gray' },
      { title: 'features PCA', map: fixedFeatures!, as: 'features' },
    ],
    3,
  );
}
