/**
 * Batches made in the thread that trains, while the engine computes in its own: the next batch is begun as soon as the
 * thread has nothing to do. A sample is a pure function of its key, so the batches are those of any other loader.
 */
import type { Batch, BatchSource, SampleKey } from '../data/batch.js';
import { joinFields, sampleError } from '../data/join-fields.js';

interface Scheduled {
  readonly keys: readonly SampleKey[];
  arrays?: readonly Float32Array[];
}

/** @param describe what a sample is, for messages: usually its file */
export function localBatches(
  make: (key: SampleKey) => readonly Float32Array[],
  describe: (key: SampleKey) => string,
): BatchSource {
  let batches: Iterator<readonly SampleKey[]> = [][Symbol.iterator]();
  let ahead: Scheduled | undefined;

  const batch = (keys: readonly SampleKey[]): readonly Float32Array[] => {
    const samples = keys.map((key) => {
      try {
        // A field may be memory that is used again for the next sample.
        return make(key).map((field) => field.slice());
      } catch (cause) {
        throw sampleError(key, describe, 'making the sample', cause);
      }
    });
    return joinFields(samples, keys, describe);
  };
  const take = (): Scheduled | undefined => {
    const { done, value } = batches.next();
    return done ? undefined : { keys: value };
  };
  return {
    batch: async (keys) => batch(keys),
    schedule(iterable) {
      batches = iterable[Symbol.iterator]();
      ahead = take();
    },
    async next(): Promise<Batch | undefined> {
      const started = performance.now();
      const current = ahead;
      if (!current) return undefined;
      const arrays = current.arrays ?? batch(current.keys);
      const waitedMs = performance.now() - started;
      const following = take();
      ahead = following;
      // After what the caller is about to ask of the engine.
      if (following) setTimeout(() => prepare(following), 0);
      return { keys: current.keys, arrays, waitedMs };
    },
    close: async () => {
      ahead = undefined;
    },
  };

  function prepare(scheduled: Scheduled): void {
    if (scheduled !== ahead) return;
    try {
      scheduled.arrays = batch(scheduled.keys);
    } catch {
      // It is thrown by the `next()` that takes this batch, which makes it again.
    }
  }
}
