/** The picture of a validation sample for methods that compare two views but predict no field between them. */
import { type Picture, samplePanel } from '../report/index.js';
import type { Tensors } from '../train/objective.js';

/**
 * Both views, the features of the fixed view, and how far both views' features agree where they show the same place.
 */
export function agreementPanel({ moving, fixed, mask }: Tensors, { agreement, fixedFeatures }: Tensors): Picture {
  return samplePanel([
    { title: 'moving', map: moving!, as: 'gray' },
    { title: 'fixed', map: fixed!, as: 'gray' },
    { title: 'features PCA', map: fixedFeatures!, as: 'features' },
    { title: 'cosine 0 to 1', map: agreement!, as: 'share', mask: mask! },
  ]);
}
