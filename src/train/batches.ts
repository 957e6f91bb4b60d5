/** Which samples make up each batch: every epoch is a shuffle of its own, and a batch may cross epochs. */
import { permutation, randomStream } from '../core/random.js';
import type { SampleKey } from '../data/batch.js';
import { microOf } from './config/sections.js';
import { type Place, shareOf } from './together.js';

/** What decides the order of the samples. */
export interface BatchOrder {
  readonly seed: number;
  readonly batch: { readonly size: number; readonly micro: number };
  readonly schedule: { readonly steps: number };
}

/** The keys of every batch after step `from`, to the end of the schedule; a pure function of the seed and the step. */
function* batches(config: BatchOrder, images: number, from: number): Generator<SampleKey[]> {
  const { size } = config.batch;
  let epoch = -1;
  let order: number[] = [];
  for (let step = from; step < config.schedule.steps; step++) {
    yield Array.from({ length: size }, (_, k) => {
      const position = step * size + k;
      if (Math.floor(position / images) !== epoch) {
        epoch = Math.floor(position / images);
        order = permutation(images, randomStream(config.seed, epoch, 'order'));
      }
      return { epoch, sample: order[position % images]!, step: step + 1 };
    });
  }
}

/** What falls to this process of every batch after step `from`. @param place null where the process is alone */
export function* ownBatches(
  config: BatchOrder,
  images: number,
  from: number,
  place: Place | null,
): Generator<readonly SampleKey[]> {
  for (const batch of batches(config, images, from)) yield place ? shareOf(batch, microOf(config), place) : batch;
}
