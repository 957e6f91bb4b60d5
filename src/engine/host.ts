/**
 * What an engine does on the thread that computes, whatever the runtime: programs, their sessions, and runs that read
 * and replace state.
 */
import type { Tensor as RuntimeTensor } from 'onnxruntime-common';
import { invariant } from '../core/errors.js';
import type { PeerGroup } from '../core/peers.js';
import { sizeOf, type Tensor } from '../core/tensor.js';
import type { StateReference } from './engine.js';
import type { Request } from './messages.js';
import { briefly, type Runtime, type Session } from './runtime.js';
import { createStates } from './states.js';

/**
 * A model and its sessions, by the outputs that stay on the GPU: the runtime fixes their place when a session is made.
 */
interface Program {
  /** Null when all of its sessions are made. */
  model: Uint8Array | null;
  readonly optimise: boolean;
  readonly sessions: Map<string, Session>;
}

type Task = Exclude<Request, { kind: 'start' }>;

export interface Host {
  /** Does what is asked. The next request waits until it is done. */
  handle(request: Task): Promise<unknown>;
  /** The message for the caller. */
  explain(error: unknown, request: Task): string;
}

/** @param group the processes that it computes with */
export function createHost(runtime: Runtime, group?: PeerGroup): Host {
  const { device, Tensor: RuntimeTensor } = runtime;
  const programs: (Program | null)[] = [];
  const states = createStates(runtime);

  /** The session of a program in which the outputs `resident` stay on the GPU. */
  const sessionOf = async ({ model, optimise, sessions }: Program, resident: readonly string[]) => {
    const key = resident.toSorted().join();
    const known = sessions.get(key);
    if (known) return known;
    invariant(model, 'no session is made after the last one');
    const outputs = Object.fromEntries(resident.map((name) => [name, 'gpu-buffer' as const]));
    const session = await runtime.createSession(model, { optimise, ...(resident.length ? { outputs } : {}) });
    sessions.set(key, session);
    return session;
  };

  /**
   * A preallocated tensor on the CPU may be written in place; it may be the very state that the program reads. A GPU
   * buffer may not be read and written by one program, so there each output is new.
   */
  const fetchesOf = (session: Session, update: Readonly<Record<string, StateReference>>) => {
    const fetches: Record<string, RuntimeTensor | null> = {};
    for (const name of session.outputNames) {
      const target = update[name];
      fetches[name] = target && runtime.writesInPlace && states.has(target) ? states.get(target) : null;
    }
    return fetches;
  };

  const run = async ({ program, feeds: given, state = {}, update = {} }: Extract<Task, { kind: 'run' }>) => {
    const known = programs[program];
    if (!known) throw new Error(`there is no program ${program}`);
    const session = await sessionOf(known, device === 'webgpu' ? Object.keys(update) : []);
    // What the program does not take is left out: some runtimes refuse it.
    const taken = new Set(session.inputNames);
    const feeds: Record<string, RuntimeTensor> = {};
    for (const [name, { data, shape }] of Object.entries(given)) {
      if (taken.has(name)) feeds[name] = new RuntimeTensor('float32', data, shape);
    }
    for (const [input, reference] of Object.entries(state)) {
      const value = states.get(reference);
      if (taken.has(input)) feeds[input] = value;
    }
    const fetches = fetchesOf(session, update);
    const outputs = await session.run(feeds, fetches);
    const results: Record<string, Tensor> = {};
    for (const [name, output] of Object.entries(outputs)) {
      if (!update[name]) results[name] = { shape: [...output.dims], data: output.data as Float32Array };
      else if (!fetches[name]) states.replace(update[name], output as RuntimeTensor);
    }
    for (const { shape, data } of Object.values(results)) {
      if (data.length !== sizeOf(shape)) throw new Error('internal: an output does not fill its shape');
    }
    return results;
  };

  return {
    async handle(request) {
      switch (request.kind) {
        case 'load': {
          const { model, optimise } = request;
          const program: Program = { model, optimise, sessions: new Map() };
          if (device !== 'webgpu') {
            await sessionOf(program, []);
            program.model = null;
          }
          programs.push(program);
          return programs.length - 1;
        }
        case 'unload': {
          const sessions = [...(programs[request.program]?.sessions.values() ?? [])];
          programs[request.program] = null;
          for (const session of sessions) await session.release();
          return;
        }
        case 'set':
          return states.set(request.name, request.value);
        case 'clear':
          return states.clear(request.name, request.shape);
        case 'get':
          return states.read(request.name);
        case 'run':
          return run(request);
        case 'gather':
          return group!.gather(request.bytes);
        case 'broadcast':
          group!.broadcast(request.bytes);
          return request.bytes;
        case 'sum':
          return states.change(request.name, (values) => group!.sum(request.name, values, request.round));
        case 'spent':
          return group!.spent();
        case 'leave':
          return group!.close();
      }
    },
    /** A failure of a GPU says which it was, and what else there is. */
    explain(error, { kind }) {
      if (device === 'cpu' || (kind !== 'run' && kind !== 'load')) return (error as Error).message;
      const next =
        'Smaller crops or batch.micro need less memory. docs/devices.md says what runs where; the device cpu runs all.';
      return `the device "${device}" failed: ${briefly(error)}\n  ${next}`;
    },
  };
}
