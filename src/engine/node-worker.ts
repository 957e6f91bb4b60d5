/**
 * The thread that owns onnxruntime-node: sessions and state live here. On the CPU a program writes new state over the old
 * in place. On WebGPU state stays in GPU buffers: each run makes new ones, which feed the next run, and the old ones are
 * freed. With CUDA the binding hands out no device memory: state lies on the CPU and is copied in and out of each run.
 */
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import type { Device, DeviceChoice, StateReference } from './engine.js';
import { briefly, chooseDevice, sessionOptions } from './node-device.js';
import { copyModel } from './trial.js';

export type Request =
  | { readonly kind: 'start' }
  | { readonly kind: 'load'; readonly model: Uint8Array; readonly optimise: boolean }
  | {
      readonly kind: 'run';
      readonly program: number;
      readonly feeds: Readonly<Record<string, Tensor>>;
      readonly state?: Readonly<Record<string, StateReference>>;
      readonly update?: Readonly<Record<string, StateReference>>;
    }
  | { readonly kind: 'set'; readonly name: string; readonly value: Tensor }
  | { readonly kind: 'clear'; readonly name: string; readonly shape: readonly number[] }
  | { readonly kind: 'get'; readonly name: string };

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

type Location = 'cpu' | 'gpu-buffer';

/** A model and its sessions, by the outputs that stay on the GPU: the runtime fixes their place when a session is made. */
interface Program {
  readonly model: Uint8Array;
  readonly optimise: boolean;
  readonly sessions: Map<string, ort.InferenceSession>;
}

const { device: wanted, threads } = workerData as { device: DeviceChoice; threads: number };
const programs: Program[] = [];
const copies = new Map<string, ort.InferenceSession>();
const states = new Map<string, ort.Tensor>();
let device: Device = 'cpu';

async function handle(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'start': {
      const chosen = await chooseDevice(wanted, threads);
      device = chosen.device;
      return chosen;
    }
    case 'load': {
      const { model, optimise } = request;
      const program: Program = { model, optimise, sessions: new Map() };
      if (device !== 'webgpu') await sessionOf(program, []);
      programs.push(program);
      return programs.length - 1;
    }
    case 'set':
      return setState(request.name, request.value);
    case 'clear':
      return clearState(request.name, request.shape);
    case 'get': {
      const found = state(request.name);
      const here = found.location === 'gpu-buffer' ? await copyTo('cpu', found) : found;
      return { shape: [...here.dims], data: (here.data as Float32Array).slice() };
    }
    case 'run':
      return run(request);
  }
}

/** A state tensor, or a part of it that shares its memory. */
function state(reference: StateReference): ort.Tensor {
  const name = nameOf(reference);
  const found = states.get(name);
  if (!found) throw new Error(`there is no state "${name}"`);
  if (typeof reference === 'string') return found;
  const { begin, shape } = reference;
  const [length, whole] = [sizeOf(shape), sizeOf(found.dims)];
  if (begin === 0 && length === whole && shape.join() === found.dims.join()) return found;
  if (begin < 0 || begin + length > whole || found.location === 'gpu-buffer') {
    throw new Error(`the state "${name}" of ${whole} has no part of ${length} from ${begin} on`);
  }
  return new ort.Tensor('float32', (found.data as Float32Array).subarray(begin, begin + length), shape);
}

const nameOf = (reference: StateReference) => (typeof reference === 'string' ? reference : reference.name);

async function setState(name: string, value: Tensor): Promise<void> {
  const given = new ort.Tensor('float32', value.data, value.shape);
  replaceState(name, device === 'webgpu' ? await copyTo('gpu-buffer', given) : given);
}

/** Memory that is there already is used again. */
async function clearState(name: string, shape: readonly number[]): Promise<void> {
  const known = states.get(name);
  if (known?.location === 'cpu' && known.dims.join() === shape.join()) (known.data as Float32Array).fill(0);
  else await setState(name, tensor(shape));
}

function replaceState(name: string, value: ort.Tensor): void {
  const old = states.get(name);
  states.set(name, value);
  if (old && old !== value && old.location === 'gpu-buffer') old.dispose();
}

async function createSession(
  model: Uint8Array,
  optimise: boolean,
  location: ort.InferenceSession.SessionOptions['preferredOutputLocation'],
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    ...sessionOptions(device, threads),
    graphOptimizationLevel: optimise ? 'all' : 'disabled',
    ...(location ? { preferredOutputLocation: location } : {}),
  });
}

/** The session of a program in which the outputs `resident` stay on the GPU. */
async function sessionOf(program: Program, resident: readonly string[]): Promise<ort.InferenceSession> {
  const key = resident.toSorted().join();
  const known = program.sessions.get(key);
  if (known) return known;
  const places = Object.fromEntries(resident.map((name) => [name, 'gpu-buffer' as const]));
  const session = await createSession(program.model, program.optimise, resident.length ? places : undefined);
  program.sessions.set(key, session);
  return session;
}

/** A tensor's data cannot be read on the GPU (`getData` is not there): a session that copies its input moves it. */
async function copyTo(location: Location, value: ort.Tensor): Promise<ort.Tensor> {
  const key = `${location}|${value.dims.join()}`;
  const session = copies.get(key) ?? (await createSession(copyModel(value.dims), true, location));
  copies.set(key, session);
  return (await session.run({ x: value })).y as ort.Tensor;
}

async function run(request: Extract<Request, { kind: 'run' }>): Promise<Record<string, Tensor>> {
  const update = request.update ?? {};
  const resident = device === 'webgpu' ? Object.keys(update) : [];
  const session = await sessionOf(programs[request.program]!, resident);
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, value] of Object.entries(request.feeds)) {
    feeds[name] = new ort.Tensor('float32', value.data, value.shape);
  }
  for (const [input, name] of Object.entries(request.state ?? {})) feeds[input] = state(name);
  const outputs = await session.run(feeds, fetchesOf(session, update));
  const results: Record<string, Tensor> = {};
  for (const [name, output] of Object.entries(outputs)) {
    const target = update[name] && nameOf(update[name]);
    if (!target) results[name] = { shape: [...output.dims], data: output.data as Float32Array };
    else if (output.location === 'gpu-buffer' || !states.has(target)) replaceState(target, output as ort.Tensor);
  }
  for (const { shape, data } of Object.values(results)) {
    if (data.length !== sizeOf(shape)) throw new Error('internal: an output does not fill its shape');
  }
  return results;
}

/**
 * A preallocated tensor on the CPU is written in place; it may be the very state that the program reads. A GPU buffer may
 * not be read and written by one program, so there each output is new.
 */
function fetchesOf(session: ort.InferenceSession, update: Readonly<Record<string, StateReference>>) {
  const fetches: Record<string, ort.Tensor | null> = {};
  for (const name of session.outputNames) {
    const target = update[name];
    fetches[name] = target && states.has(nameOf(target)) && device !== 'webgpu' ? state(target) : null;
  }
  return fetches;
}

/** The message for the caller; a failure of a GPU says which it was, and what else there is. */
function explained(error: unknown, request: Request): string {
  if (device === 'cpu' || (request.kind !== 'run' && request.kind !== 'load')) return (error as Error).message;
  const next =
    'Smaller crops or batch.micro need less memory. docs/devices.md says what runs where; the device cpu runs all.';
  return `the device "${device}" failed: ${briefly(error)}\n  ${next}`;
}

let queue: Promise<void> = Promise.resolve();
parentPort!.on('message', (request: Request & { id: number }) => {
  queue = queue.then(async () => {
    const { id } = request;
    try {
      parentPort!.postMessage({ id, value: await handle(request) } satisfies Reply);
    } catch (error) {
      parentPort!.postMessage({ id, error: explained(error, request) } satisfies Reply);
    }
  });
});
