/** The thread that owns onnxruntime-node: sessions and state live here. */
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { sizeOf, type Tensor } from '../core/tensor.js';
import type { Device, DeviceChoice } from './engine.js';

export type Request =
  | { readonly kind: 'start' }
  | { readonly kind: 'load'; readonly model: Uint8Array }
  | {
      readonly kind: 'run';
      readonly program: number;
      readonly feeds: Readonly<Record<string, Tensor>>;
      readonly state?: Readonly<Record<string, string>>;
      readonly update?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'set'; readonly name: string; readonly value: Tensor }
  | { readonly kind: 'get'; readonly name: string };

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

const { device: wanted, threads, probe } = workerData as { device: DeviceChoice; threads: number; probe: Uint8Array };
const sessions: ort.InferenceSession[] = [];
const states = new Map<string, ort.Tensor>();
let device: Device = 'cpu';

function sessionOptions(on: Device): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: on === 'cpu' ? ['cpu'] : [on, 'cpu'],
    intraOpNumThreads: threads,
    enableMemPattern: false,
    // Waiting threads that spin would take the cores from the loader's workers.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  };
}

async function start(): Promise<Device> {
  const candidates: Device[] = wanted === 'auto' ? ['cuda', 'webgpu', 'cpu'] : [wanted];
  const reasons: string[] = [];
  for (const candidate of candidates) {
    try {
      const session = await ort.InferenceSession.create(probe, sessionOptions(candidate));
      await session.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) });
      await session.release();
      device = candidate;
      return device;
    } catch (error) {
      reasons.push(`${candidate}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new Error(`the device "${wanted}" does not work here (${reasons.join('; ')})\n  Use --device cpu.`);
}

async function handle(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'start':
      return start();
    case 'load':
      sessions.push(await ort.InferenceSession.create(request.model, sessionOptions(device)));
      return sessions.length - 1;
    case 'set': {
      const { name, value } = request;
      states.set(name, new ort.Tensor('float32', value.data, value.shape));
      return undefined;
    }
    case 'get': {
      const found = state(request.name);
      return { shape: [...found.dims], data: (found.data as Float32Array).slice() };
    }
    case 'run':
      return run(request);
  }
}

function state(name: string): ort.Tensor {
  const found = states.get(name);
  if (!found) throw new Error(`there is no state "${name}"`);
  return found;
}

async function run(request: Extract<Request, { kind: 'run' }>): Promise<Record<string, Tensor>> {
  const session = sessions[request.program]!;
  const update = request.update ?? {};
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, value] of Object.entries(request.feeds)) {
    feeds[name] = new ort.Tensor('float32', value.data, value.shape);
  }
  for (const [input, name] of Object.entries(request.state ?? {})) feeds[input] = state(name);
  // A preallocated tensor is written in place; it may be the very state that the program reads.
  const fetches: Record<string, ort.Tensor | null> = {};
  for (const name of session.outputNames) fetches[name] = update[name] ? (states.get(update[name]) ?? null) : null;
  const outputs = await session.run(feeds, fetches);
  const results: Record<string, Tensor> = {};
  for (const [name, output] of Object.entries(outputs)) {
    const target = update[name];
    if (!target) results[name] = { shape: [...output.dims], data: output.data as Float32Array };
    else if (!states.has(target)) states.set(target, output as ort.Tensor);
  }
  for (const { shape, data } of Object.values(results)) {
    if (data.length !== sizeOf(shape)) throw new Error('internal: an output does not fill its shape');
  }
  return results;
}

let queue: Promise<void> = Promise.resolve();
parentPort!.on('message', (request: Request & { id: number }) => {
  queue = queue.then(async () => {
    const { id } = request;
    try {
      parentPort!.postMessage({ id, value: await handle(request) } satisfies Reply);
    } catch (error) {
      parentPort!.postMessage({ id, error: (error as Error).message } satisfies Reply);
    }
  });
});
