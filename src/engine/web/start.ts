/** The engine of a page: onnxruntime-web in a web worker, so that the page stays responsive. */
import { InputError } from '../../core/errors.js';
import { tensor } from '../../core/tensor.js';
import { type EngineThread, startOn } from '../client.js';
import type { Engine, EngineOptions } from '../engine.js';
import type { StartSettings } from '../messages.js';
import { speedModel } from '../trial.js';
import { keepQuickerThreads, quickerThreads } from './quicker.js';

export interface WebEngineOptions extends EngineOptions {
  /**
   * The address of the folder with the runtime's files, `ort-wasm-simd-threaded.{mjs,wasm}` and for WebGPU
   * `ort-wasm-simd-threaded.asyncify.{mjs,wasm}` of the package onnxruntime-web; `ort/` beside the page where absent.
   */
  readonly assets?: string;
}

/** More threads of WebAssembly than this only wait for each other. */
export const MOST_THREADS = 8;
/** Extent of the model, of 1.2 GFLOP, with which one thread is compared with several. */
const PROBE_EXTENT = 128;
const PROBE_RUNS = 3;

/**
 * Starts an engine. Where no number of threads is asked for, one is compared with as many as there are cores: several
 * need a page that is isolated from others (the headers `Cross-Origin-Opener-Policy: same-origin` and
 * `Cross-Origin-Embedder-Policy: require-corp`), and on a busy machine they can be slower. What is found holds for a
 * day in all pages and workers of the address.
 * @throws InputError when the device that was asked for does not work here
 */
export async function startEngine({ device = 'auto', threads = 0, assets }: WebEngineOptions = {}): Promise<Engine> {
  const folder = new URL(assets ?? 'ort/', self.location.href).href;
  const most = crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  const known = threads || (most > 1 ? await quickerThreads(most) : 1);
  const settings = { device, threads: Math.min(known ?? most, most), assets: folder };
  const engine = await startWorker(settings);
  if (known || engine.device !== 'cpu') return engine;
  const single = await startWorker({ ...settings, device: 'cpu', threads: 1 });
  const [several, one] = [await milliseconds(engine), await milliseconds(single)];
  const [kept, other] = one < several ? [single, engine] : [engine, single];
  await Promise.all([other.close(), keepQuickerThreads(most, one < several ? 1 : most)]);
  return { ...kept, passedOver: engine.passedOver };
}

function startWorker(settings: StartSettings): Promise<Engine> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  const thread: EngineThread = {
    post: (request, handedOver) => worker.postMessage(request, handedOver),
    listen(onReply, onEnd) {
      worker.addEventListener('message', ({ data }) => onReply(data));
      worker.addEventListener('error', ({ message }) =>
        onEnd(new InputError('engine', `the engine has ended: ${message || 'its code could not be loaded'}`)),
      );
    },
    keepAlive: () => {},
    terminate: async () => worker.terminate(),
  };
  return startOn(thread, settings);
}

/** The shortest time of the speed model, after a run that warms up. */
async function milliseconds(engine: Engine): Promise<number> {
  const program = await engine.load(speedModel(engine.target, PROBE_EXTENT));
  const feeds = { x: tensor([1], Float32Array.of(1)) };
  let best = Number.POSITIVE_INFINITY;
  await engine.run(program, feeds);
  for (let run = 0; run < PROBE_RUNS; run++) {
    const started = performance.now();
    await engine.run(program, feeds);
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
