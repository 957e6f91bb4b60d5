/**
 * The page itself as a place of work: everything is kept in the browser's private file system and computed in workers,
 * without a server. What it is asked is answered in a worker of its own, so that the page stays responsive.
 */

import type { Place, PlaceCalls } from '../place';
import type { PageAnswer, PageRequest } from './messages';
import { type CallName, callNames } from './messages';
import { watchByAsking } from './watch';

/** @param assets the address of the folder with the runtime's files; `ort/` beside the page where absent */
export function pagePlace(assets = 'ort/'): Place {
  let worker: Worker | undefined;
  let count = 0;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const started = (): Worker => {
    if (worker) return worker;
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<PageAnswer>) => {
      const asked = waiting.get(data.id);
      waiting.delete(data.id);
      if ('error' in data) asked?.reject(new Error(data.error));
      else asked?.resolve(data.value);
    });
    worker.addEventListener('error', ({ message }) => {
      const error = new Error(
        `The page's own work has ended: ${message || 'its code could not be loaded'}. Load it again.`,
      );
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
      worker = undefined;
    });
    return worker;
  };
  const folder = new URL(assets, document.baseURI).href;
  const call = (name: CallName, args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const id = ++count;
      waiting.set(id, { resolve, reject });
      started().postMessage({ id, name, args, assets: folder } satisfies PageRequest);
    });
  const calls = Object.fromEntries(
    callNames.map((name) => [name, (...args: readonly unknown[]) => call(name, args)]),
  ) as unknown as PlaceCalls;
  // What is kept for good is not thrown away when the disk becomes full; a browser may say no.
  const addImages: PlaceCalls['addImages'] = async (...args) => {
    await navigator.storage.persist().catch(() => false);
    return calls.addImages(...args);
  };
  return {
    ...calls,
    addImages,
    name: 'page',
    title: 'in the page',
    watch: (offsets, listener) => watchByAsking(calls, offsets, listener),
  };
}
