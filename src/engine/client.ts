/** An engine whose work is done by another thread: each call is a request, answered in the order of asking. */
import { InputError } from '../core/errors.js';
import type { Spent } from '../core/peers.js';
import type { Tensor } from '../core/tensor.js';
import type { Engine } from './engine.js';
import { type NumberedRequest, ownMemory, type Reply, type Request, type StartSettings } from './messages.js';
import type { Started } from './serve.js';

/** A thread that serves requests. */
export interface EngineThread {
  /** @param handedOver memory that the thread takes over, in place of a copy */
  post(request: NumberedRequest, handedOver: ArrayBuffer[]): void;
  /** Sets who is told of answers, and of the thread's end. */
  listen(onReply: (reply: Reply) => void, onEnd: (error: Error) => void): void;
  /** Whether the thread keeps the process alive: it does while an answer is awaited. */
  keepAlive(awaited: boolean): void;
  terminate(): Promise<unknown>;
}

/**
 * Starts the engine on a thread.
 * @throws InputError when the device that was asked for does not work here
 */
export async function startOn(thread: EngineThread, settings: StartSettings): Promise<Engine> {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let count = 0;
  let closing: Promise<void> | undefined;
  let settled = () => {};
  let failure: Error | undefined;
  const onReply = ({ id, value, error }: Reply) => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (error) entry?.reject(new InputError('engine', error));
    else entry?.resolve(value);
    if (waiting.size > 0) return;
    if (closing) settled();
    else thread.keepAlive(false);
  };
  const onEnd = (error: Error) => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    settled();
  };
  thread.listen(onReply, onEnd);
  const ask = <T>(request: Request, handedOver: ArrayBuffer[] = []): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (failure) return reject(failure);
      if (closing) return reject(new InputError('engine', 'the engine is closed'));
      const id = count++;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      thread.keepAlive(true);
      thread.post({ id, ...request }, handedOver);
    });
  const end = async () => {
    // A thread that is ended while it makes a session may take the process with it, so what was asked for is awaited.
    if (waiting.size > 0 && !failure) await new Promise<void>((resolve) => (settled = resolve));
    await thread.terminate();
  };
  let started: Started;
  try {
    started = await ask<Started>({ kind: 'start', settings });
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  const { peers, ...chosen } = started;
  return {
    ...chosen,
    peers: peers && {
      ...peers,
      gather: (bytes) => ask<Uint8Array>({ kind: 'gather', bytes }),
      broadcast: (bytes) => ask<Uint8Array>({ kind: 'broadcast', bytes }),
      sum: (name, round) => ask<void>({ kind: 'sum', name, round }),
      spent: () => ask<Spent>({ kind: 'spent' }),
      leave: () => ask<void>({ kind: 'leave' }),
    },
    load: (model, { optimise = true, handOver = false } = {}) =>
      ask<number>({ kind: 'load', model, optimise }, handOver ? ownMemory([model]) : []),
    unload: (program) => ask<void>({ kind: 'unload', program }),
    run: (program, feeds, { handOver = false, ...references } = {}) =>
      ask<Record<string, Tensor>>(
        { kind: 'run', program, feeds, ...references },
        handOver ? ownMemory(Object.values(feeds).map(({ data }) => data)) : [],
      ),
    // A copy is handed over: it is made while the engine is at work, where a message would be copied in between.
    setState(name, { shape, data }) {
      const copy = data.slice();
      return ask<void>({ kind: 'set', name, value: { shape, data: copy } }, ownMemory([copy]));
    },
    clearState: (name, shape) => ask<void>({ kind: 'clear', name, shape }),
    getState: (name) => ask<Tensor>({ kind: 'get', name }),
    close: () => (closing ??= end()),
  };
}
