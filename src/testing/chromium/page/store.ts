/** A store of the private file system, put through its paces: in the page itself, and in a worker of it. */
import { OpfsStore } from '../../../browser/opfs-store.js';
import { packRun, unpackRun } from '../../../browser/run-archive.js';
import type { StoreFindings } from '../store-findings.js';

async function messageOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'nothing was refused';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

async function findings(place: string): Promise<StoreFindings> {
  const store = new OpfsStore(`runs/${place}`);
  const text = async (file: string) => {
    const bytes = await store.read(file);
    return bytes && new TextDecoder().decode(bytes);
  };
  const lock = await store.lock();
  const second = await messageOf(() => new OpfsStore(`runs/${place}`).lock());
  await lock.release();
  await (await store.lock()).release();
  const before = await store.list();
  await store.write('config.yaml', 'seed: 1\n');
  await store.write('checkpoints/step-1', [Uint8Array.of(1, 2), Uint8Array.of(3)]);
  await store.write('config.yaml', 'seed: 2\n');
  await Promise.all([1, 2, 3].map((step) => store.append('metrics.jsonl', `{"step":${step}}`)));
  await store.copy('checkpoints/step-1', 'checkpoints/best');
  await store.rename('checkpoints/step-1', 'checkpoints/step-1.damaged');
  const archive = await packRun(store);
  const twin = new OpfsStore(`runs/${place}-twin`);
  await unpackRun(twin, archive, 'run.zip');
  const twice = await messageOf(() => unpackRun(twin, archive, 'run.zip'));
  const found = {
    second,
    before,
    config: await text('config.yaml'),
    metrics: await text('metrics.jsonl'),
    best: [...((await store.read('checkpoints/best')) ?? [])],
    absent: await store.read('checkpoints/none'),
    inAbsent: await store.list('none'),
    files: await store.files(),
    list: await store.list(),
    twin: await twin.files(),
    twinBest: [...((await twin.read('checkpoints/best')) ?? [])],
    twice,
    outside: await messageOf(() => store.write('../other/config.yaml', '')),
    copied: await messageOf(() => store.copy('none', 'some')),
  };
  await store.remove('none');
  await store.remove('checkpoints');
  const remaining = await store.files();
  await (await navigator.storage.getDirectory()).removeEntry('runs', { recursive: true });
  const removed = await messageOf(() => store.append('metrics.jsonl', '{}'));
  return { ...found, remaining, removed };
}

/** The same module is the worker. */
if (typeof document === 'undefined') {
  self.addEventListener('message', async ({ data }) => self.postMessage(await findings(data)));
} else {
  const inWorker = (place: string) =>
    new Promise<StoreFindings>((resolve, reject) => {
      const worker = new Worker(import.meta.url, { type: 'module' });
      worker.addEventListener('message', ({ data }) => resolve(data));
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
      worker.postMessage(place);
    });
  Object.assign(globalThis, { store: { inPage: findings, inWorker } });
}
