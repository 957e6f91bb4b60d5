/** The engine of Node: onnxruntime-node in a worker thread, so that the main thread stays responsive. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import type { DeviceChoice, Engine, RunOptions } from './engine.js';
import type { ChosenDevice } from './node-device.js';
import type { Reply, Request } from './node-worker.js';

export interface EngineOptions {
  readonly device?: DeviceChoice;
  /** Threads within an operator; the number of cores where absent or 0. */
  readonly threads?: number;
}

/**
 * Starts an engine.
 * @throws InputError when the device that was asked for does not work here
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const { device = 'auto' } = options;
  // Left to itself, the runtime takes one thread on machines that hide how their cores are laid out.
  const threads = options.threads || availableParallelism();
  const worker = new Worker(new URL('./node-worker.js', import.meta.url), {
    workerData: { device, threads },
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let count = 0;
  let closing = false;
  let settled = () => {};
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    settled();
  };
  worker.on('message', ({ id, value, error }: Reply) => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (error) entry?.reject(new InputError('engine', error));
    else entry?.resolve(value);
    if (waiting.size > 0) return;
    if (closing) settled();
    else worker.unref();
  });
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new InputError('engine', `the engine has ended (exit code ${code})`)));
  const ask = <T>(request: Request, transfer: ArrayBuffer[] = []): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (failure) return reject(failure);
      if (closing) return reject(new InputError('engine', 'the engine is closed'));
      const id = count++;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.ref();
      worker.postMessage({ id, ...request }, transfer);
    });
  let chosen: ChosenDevice;
  try {
    chosen = await ask<ChosenDevice>({ kind: 'start' });
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    ...chosen,
    load: (model, { optimise = true } = {}) => ask<number>({ kind: 'load', model, optimise }),
    run: (program, feeds, runOptions: RunOptions = {}) =>
      ask<Record<string, Tensor>>({ kind: 'run', program, feeds, ...runOptions }),
    setState: (name, value) => ask<void>({ kind: 'set', name, value }),
    clearState: (name, shape) => ask<void>({ kind: 'clear', name, shape }),
    getState: (name) => ask<Tensor>({ kind: 'get', name }),
    close: async () => {
      closing = true;
      // The process dies with a thread that is ended while it makes a session, so what was asked for is awaited.
      if (waiting.size > 0 && !failure) await new Promise<void>((resolve) => (settled = resolve));
      await worker.terminate();
    },
  };
}
