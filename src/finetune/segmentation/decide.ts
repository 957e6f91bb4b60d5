/** From probabilities to classes: the most probable one, or the set of all that are more probable than not. */

import { setsFrom } from '../../core/label-sets.js';
import { sizeOf, type Tensor } from '../../core/tensor.js';
import type { Labels } from '../../data/labelled/labels.js';

/** The labels of probabilities `[K, ...S]`, the background first. */
export function decide(probabilities: Tensor, multiLabel: boolean): Labels {
  return multiLabel ? probableSets(probabilities) : argmax(probabilities);
}

/** The class of the highest probability of every pixel; the first of equal ones. @param probabilities `[K, ...S]` */
export function argmax({ shape, data }: Tensor): Labels {
  const [classes, ...extents] = shape as [number, ...number[]];
  const count = sizeOf(extents);
  const labels = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (data[k * count + index]! > data[best * count + index]!) best = k;
    }
    labels[index] = best;
  }
  return { shape: extents, data: labels };
}

/** The classes whose probability is above 1/2, as sets. @param probabilities `[K, ...S]`, the background first */
export function probableSets({ shape, data }: Tensor): Labels {
  const [classes, ...extents] = shape as [number, ...number[]];
  const count = sizeOf(extents);
  const masks = Array.from({ length: classes - 1 }, (_, k) =>
    Uint8Array.from({ length: count }, (_, index) => (data[(k + 1) * count + index]! > 0.5 ? 1 : 0)),
  );
  return { shape: extents, data: setsFrom(masks), sets: true };
}
