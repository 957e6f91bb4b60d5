/** What a page keeps of its comparison of one thread with several: for a day, and for as many threads as can run. */
import assert from 'node:assert/strict';
import { after, beforeEach, mock, test } from 'node:test';

/** A module of pages, which are compiled with other types. */
const {
  keepQuickerThreads,
  quickerThreads,
}: {
  quickerThreads(most: number): Promise<number | undefined>;
  keepQuickerThreads(most: number, threads: number): Promise<void>;
} = await import(new URL('./web/quicker.js', import.meta.url).href);

const HOUR = 3600 * 1000;
const kept = new Map<string, Response>();
const cache = {
  match: async (address: URL) => kept.get(address.href)?.clone(),
  put: async (address: URL, contents: Response) => void kept.set(address.href, contents),
};
const page = { caches: { open: async () => cache }, self: { location: { origin: 'https://viewer.example' } } };
beforeEach(() => {
  kept.clear();
  Object.assign(globalThis, page);
  mock.timers.reset();
  mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) });
});
after(() => mock.timers.reset());

test('what was found holds for a day', async () => {
  assert.equal(await quickerThreads(8), undefined);
  await keepQuickerThreads(8, 1);
  mock.timers.setTime(Date.now() + 23 * HOUR);
  assert.equal(await quickerThreads(8), 1);
  mock.timers.setTime(Date.now() + 2 * HOUR);
  assert.equal(await quickerThreads(8), undefined);
});

test('another number of threads is compared by itself', async () => {
  await keepQuickerThreads(8, 8);
  assert.equal(await quickerThreads(4), undefined);
  await keepQuickerThreads(4, 1);
  assert.deepEqual([await quickerThreads(8), await quickerThreads(4)], [8, 1]);
});

test('what is damaged, or of a clock that ran ahead, is not taken; a page that may keep nothing goes on', async () => {
  const now = Date.now();
  for (const found of [
    { threads: 9, at: now },
    { threads: '4', at: now },
    { threads: 4 },
    { threads: 4, at: now + 25 * HOUR },
  ]) {
    await cache.put(new URL('https://viewer.example/threads-of-8.json'), Response.json(found));
    assert.equal(await quickerThreads(8), undefined, JSON.stringify(found));
  }
  await cache.put(new URL('https://viewer.example/threads-of-8.json'), new Response('{"threads":'));
  assert.equal(await quickerThreads(8), undefined);
  Object.assign(globalThis, { caches: { open: () => Promise.reject(new Error('denied')) } });
  await keepQuickerThreads(8, 1);
  assert.equal(await quickerThreads(8), undefined);
});
