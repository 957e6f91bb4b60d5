/** Peers within one process, for tests: each call waits until all have called. */
import type { Peers } from '../core/peers.js';

export function localPeers(size: number): Peers[] {
  let waiting: { readonly bytes: Uint8Array; readonly rank: number; done(all: Uint8Array[]): void }[] = [];
  const meet = (rank: number, bytes: Uint8Array) =>
    new Promise<Uint8Array[]>((done) => {
      waiting.push({ bytes, rank, done });
      if (waiting.length < size) return;
      const all = waiting.sort((a, b) => a.rank - b.rank);
      waiting = [];
      for (const { done: finish } of all) finish(all.map((one) => one.bytes));
    });
  return Array.from({ length: size }, (_, rank) => ({
    ...{ rank, size, name: 'local' },
    gather: async (bytes) => new Uint8Array(Buffer.concat(await meet(rank, bytes))),
    broadcast: async (bytes) => (await meet(rank, bytes))[0]!,
    sum: () => Promise.reject(new Error('these peers have no engine')),
    spent: async () => ({ seconds: 0, bytes: 0 }),
    leave: async () => void (await meet(rank, new Uint8Array(1))),
  }));
}
