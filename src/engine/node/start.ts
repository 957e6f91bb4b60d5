/** The engine of Node: onnxruntime-node in a worker thread, so that the main thread stays responsive. */
import { availableParallelism } from 'node:os';
import { InputError } from '../../core/errors.js';
import { askedThreads } from '../../system/own-cores.js';
import { type EngineThread, startOn } from '../client.js';
import type { Engine, EngineOptions } from '../engine.js';
import { ownOperatorsAsked } from './native/available.js';
import { engineThread } from './thread.js';

/** Threads that are asked for, or else `OMP_NUM_THREADS`, or one per core. */
export function threadsFor(asked = 0): number {
  // Left to itself, the runtime takes one thread on machines that hide how their cores are laid out.
  return asked || askedThreads() || availableParallelism();
}

/**
 * Starts an engine.
 * @throws InputError when the device that was asked for does not work here, or COVER_KERNELS says neither on, avx2 nor
 * off
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const threads = threadsFor(options.threads);
  // A wrong word is told here: on the engine's thread it would be a device that does not work.
  ownOperatorsAsked();
  const worker = engineThread();
  const thread: EngineThread = {
    post: (request, handedOver) => worker.postMessage(request, handedOver),
    listen(onReply, onEnd) {
      worker.on('message', onReply);
      worker.on('error', onEnd);
      worker.on('exit', (code) => onEnd(new InputError('engine', `the engine has ended (exit code ${code})`)));
    },
    keepAlive: (awaited) => (awaited ? worker.ref() : worker.unref()),
    terminate: () => worker.terminate(),
  };
  const { device = 'auto', peers, largest } = options;
  return startOn(thread, {
    ...{ device, threads },
    ...(peers ? { peers } : {}),
    ...(largest === undefined ? {} : { largest }),
  });
}
