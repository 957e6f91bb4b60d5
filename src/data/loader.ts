/**
 * Batches of samples, made ahead in worker threads. A sample is a pure function of its key, and a batch is put together
 * in the order of its keys, so any number of workers gives the same bits in the same order; 0 makes them in the calling
 * thread. Samples, not batches, are dealt to the workers: the next batch is ready as early as possible.
 */
import { Worker } from 'node:worker_threads';
import { InputError, invariant } from '../core/errors.js';
import type { BatchSource, SampleKey } from './batch.js';
import { joinFields, sampleError } from './join-fields.js';
import type { WorkerAnswer, WorkerJob, WorkerStart } from './loader-worker.js';
import { fromPlainError, loadModule, type MakeSample, makeFields, moduleAddress } from './make-samples.js';

export interface LoaderOptions<Context = unknown> {
  /** The module (URL, or path of a file) that exports `makeSample`. */
  readonly module: URL | string;
  /** Given to every `makeSample`; it must be structured-clonable. */
  readonly context: Context;
  /** Threads; 0 makes samples in the calling thread, when they are asked for. */
  readonly workers?: number;
  /** Scheduled batches that are made ahead of `next()`. */
  readonly prefetch?: number;
  /** What a sample is, for messages: usually its file. */
  readonly describe?: (key: SampleKey) => string;
}

/** Makes one sample, wherever. */
interface Maker {
  make(key: SampleKey): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}

interface Scheduled {
  readonly keys: readonly SampleKey[];
  readonly arrays: Promise<readonly Float32Array[]>;
}

/**
 * @example
 * const loader = createLoader({ module: new URL('./views.js', import.meta.url), context: { seed: 0 }, workers: 2 });
 * loader.schedule([[{ epoch: 0, sample: 4 }, { epoch: 0, sample: 1 }]]);
 * const batch = await loader.next();
 */
export function createLoader<Context>(options: LoaderOptions<Context>): BatchSource {
  const { workers = 0, prefetch = 2 } = options;
  if (!Number.isInteger(workers) || workers < 0) {
    throw new InputError(
      'config',
      `expected a whole number of workers from 0, found ${workers}`,
      'Set 0 to load in the main thread.',
    );
  }
  const describe = options.describe ?? (() => '');
  const address = moduleAddress(options.module);
  const maker =
    workers === 0
      ? localMaker(address, options.context, describe)
      : workerMaker(address, options.context, workers, describe);
  // Without workers a batch made ahead would hold up the caller, so nothing is made before it is asked for.
  const ahead = workers === 0 ? 0 : Math.max(prefetch, 1);
  let batches: Iterator<readonly SampleKey[]> = [][Symbol.iterator]();
  let queue: Scheduled[] = [];
  let closed = false;

  const batch = async (keys: readonly SampleKey[]) => {
    invariant(!closed, 'the loader is closed');
    return joinFields(await Promise.all(keys.map((key) => maker.make(key))), keys, describe);
  };
  const fill = (count: number) => {
    while (queue.length < count) {
      const { done, value } = batches.next();
      if (done) return;
      const arrays = batch(value);
      arrays.catch(() => {}); // It is thrown by the `next()` that takes this batch.
      queue.push({ keys: value, arrays });
    }
  };
  return {
    batch,
    schedule(iterable) {
      batches = iterable[Symbol.iterator]();
      queue = [];
      fill(ahead);
    },
    async next() {
      invariant(!closed, 'the loader is closed');
      const start = performance.now();
      fill(Math.max(ahead, 1));
      const scheduled = queue.shift();
      if (!scheduled) return undefined;
      fill(ahead);
      const arrays = await scheduled.arrays;
      return { keys: scheduled.keys, arrays, waitedMs: performance.now() - start };
    },
    async close() {
      closed = true;
      queue = [];
      await maker.close();
    },
  };
}

/** Makes samples in the calling thread, one after the other. The context is cloned, as a worker would. */
function localMaker(address: string, context: unknown, describe: (key: SampleKey) => string): Maker {
  const own = structuredClone(context);
  let loading: Promise<MakeSample> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const make = async (key: SampleKey) => {
    let stage = 'importing the sample module';
    try {
      loading ??= loadModule(address);
      const module = await loading;
      stage = 'making the sample';
      // A field may be a buffer that the module uses again, so it is copied at once.
      return (await makeFields(module, own, key)).map((field) => field.slice());
    } catch (cause) {
      throw sampleError(key, describe, stage, cause);
    }
  };
  return {
    make(key) {
      const result = last.then(() => make(key));
      last = result.catch(() => {});
      return result;
    },
    close: async () => {},
  };
}

interface Job {
  readonly id: number;
  readonly key: SampleKey;
  readonly resolve: (fields: readonly Float32Array[]) => void;
  readonly reject: (error: Error) => void;
}

/** Samples that one worker has at hand: it makes one while the next already waits beside it. */
const AT_HAND = 2;

/** Deals samples to worker threads. A worker that ends by itself fails all that is under way. */
function workerMaker(address: string, context: unknown, count: number, describe: (key: SampleKey) => string): Maker {
  const waiting: Job[] = [];
  let failure: { readonly stage: string; readonly cause: unknown } | undefined;
  let nextId = 0;
  const url = new URL('./loader-worker.js', import.meta.url);
  const threads = Array.from({ length: count }, () => ({
    worker: new Worker(url, { workerData: { module: address, context } satisfies WorkerStart, execArgv: [] }),
    jobs: new Map<number, Job>(),
  }));

  const deal = () => {
    for (let depth = 1; depth <= AT_HAND; depth++) {
      for (const { worker, jobs } of threads) {
        if (jobs.size >= depth) continue;
        const job = waiting.shift();
        if (!job) return;
        jobs.set(job.id, job);
        worker.postMessage({ id: job.id, key: job.key } satisfies WorkerJob);
      }
    }
  };
  const fail = (stage: string, cause: unknown) => {
    failure ??= { stage, cause };
    const jobs = [...threads.flatMap(({ jobs }) => [...jobs.values()]), ...waiting];
    for (const thread of threads) thread.jobs.clear();
    waiting.length = 0;
    for (const job of jobs) job.reject(sampleError(job.key, describe, failure.stage, failure.cause));
  };
  for (const { worker, jobs } of threads) {
    worker.on('message', (answer: WorkerAnswer) => {
      const job = jobs.get(answer.id);
      if (!job) return;
      jobs.delete(answer.id);
      if ('fields' in answer) job.resolve(answer.fields);
      else job.reject(sampleError(job.key, describe, answer.stage, fromPlainError(answer.error)));
      deal();
    });
    worker.on('error', (cause) => fail('running the loader thread', cause));
    worker.on('exit', (code) =>
      fail('running the loader thread', new Error(`the loader thread ended with exit code ${code}`)),
    );
  }
  return {
    make: (key) =>
      new Promise((resolve, reject) => {
        if (failure) {
          reject(sampleError(key, describe, failure.stage, failure.cause));
          return;
        }
        waiting.push({ id: nextId++, key, resolve, reject });
        deal();
      }),
    async close() {
      fail('waiting for the sample', new Error('the loader was closed'));
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
