/** One loader thread: imports the sample module once, then answers each key with the fields of its sample, in turn. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SampleKey } from './batch.js';
import { loadModule, makeFields, type PlainError, toPlainError } from './make-samples.js';

/** What the thread is started with. */
export interface WorkerStart {
  readonly module: string;
  readonly context: unknown;
}

/** A sample to make. */
export interface WorkerJob {
  readonly id: number;
  readonly key: SampleKey;
}

/** The sample, or the stage at which it failed and why. */
export type WorkerAnswer =
  | { readonly id: number; readonly fields: readonly Float32Array[] }
  | { readonly id: number; readonly stage: string; readonly error: PlainError };

if (parentPort) serve(parentPort, workerData as WorkerStart);

function serve(port: NonNullable<typeof parentPort>, { module, context }: WorkerStart): void {
  let stage = 'importing the sample module';
  const loading = loadModule(module);
  loading.catch(() => {});
  let last: Promise<void> = Promise.resolve();
  const answer = async ({ id, key }: WorkerJob) => {
    try {
      const make = await loading;
      stage = 'making the sample';
      // A copy that is exactly as long as the field can be handed over without touching what the module keeps.
      const fields = (await makeFields(make, context, key)).map((field) => field.slice());
      port.postMessage(
        { id, fields } satisfies WorkerAnswer,
        fields.map((field) => field.buffer),
      );
    } catch (error) {
      port.postMessage({ id, stage, error: toPlainError(error) } satisfies WorkerAnswer);
    }
  };
  port.on('message', (job: WorkerJob) => {
    last = last.then(() => answer(job));
  });
}
