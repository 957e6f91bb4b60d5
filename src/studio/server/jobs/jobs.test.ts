import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writePhantoms } from '../../../phantom/index.js';
import type { Forecast, RunSummary } from '../../shared/protocol.js';
import { type RunningStudio, startStudio } from '../index.js';

const root = mkdtempSync(join(tmpdir(), 'cover-studio-jobs-'));
const [runs, data, page] = ['runs', 'data', 'page'].map((name) => join(root, name)) as [string, string, string];
let studio: RunningStudio;
after(async () => {
  await studio?.close();
  rmSync(root, { recursive: true, force: true });
});

async function post<T>(path: string, content: unknown): Promise<{ status: number; answer: T }> {
  const origin = studio.address.slice(0, -1);
  const sent = await fetch(`${studio.address}api/jobs/${path}`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify(content),
  });
  return { status: sent.status, answer: (await sent.json()) as T };
}

async function run(id = 'first'): Promise<RunSummary> {
  const all = (await (await fetch(`${studio.address}api/runs`)).json()) as RunSummary[];
  return all.find((one) => one.id === id)!;
}

async function until(what: string, holds: (found: RunSummary) => boolean): Promise<RunSummary> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await run();
    if (found && holds(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: ${JSON.stringify(await run())}`);
}

const tiny = [
  'views.crop=[32,32]',
  'views.margin=1',
  'model.channels=[8,8,8,8,8,8,8,8,8]',
  'batch.size=1',
  'views.curriculum.steps=1',
  'schedule.warmup=1',
  'run.validateEvery=1000',
  'run.checkpointEvery=5',
];
const wish = { folder: 'chests', name: 'first', preset: 'default', steps: 4000, settings: tiny };

test('a run survives the server, is found again, stopped, resumed and extended', async () => {
  await writePhantoms(join(data, 'chests'), 3, { size: [32, 32] });
  await writePhantoms(page, 1, { size: [16, 16] });
  writeFileSync(join(page, 'index.html'), '');
  studio = await startStudio({ runs, data, page });

  const { answer } = await post<Forecast>('forecast', wish);
  assert.ok(answer.needed > 1e8 && answer.free > 0 && answer.seconds === null);
  assert.equal((await post('pretrain', wish)).status, 200);
  assert.equal((await post('pretrain', wish)).status, 409);
  await until('the first steps', ({ state, step }) => state === 'running' && step > 2);
  assert.equal((await post('resume', { run: 'first' })).status, 409);

  await studio.close();
  studio = await startStudio({ runs, data, page });
  const before = await until('found again', ({ state, ours }) => state === 'running' && ours);
  await until('it goes on', ({ step }) => step > before.step);
  assert.equal((await post('stop', { run: 'first' })).status, 200);
  const stopped = await until('stopped', ({ state }) => state === 'stopped');
  assert.equal((await post('stop', { run: 'first' })).status, 409);
  assert.equal((await post('extend', { run: 'first', steps: 5000 })).status, 200);
  const failed = await until('refused', ({ state }) => state === 'failed');
  assert.match(failed.message, /expected a finished run/);

  assert.equal((await post('resume', { run: 'first' })).status, 200);
  await until('resumed', ({ state, step }) => state === 'running' && step > stopped.step);
  const { answer: again } = await post<Forecast>('forecast', { ...wish, name: 'second' });
  assert.ok(again.seconds! > 0 && again.like === 'first');
  assert.equal((await post('stop', { run: 'first' })).status, 200);
  await until('stopped again', ({ state }) => state === 'stopped');
});

test('a run that fails says why', async () => {
  const name = 'first';
  rmSync(join(runs, name), { recursive: true });
  assert.equal((await post('pretrain', { ...wish, settings: [...tiny, 'views.crop=[31,31]'] })).status, 200);
  const { message } = await until('failed', ({ state }) => state === 'failed');
  assert.match(message, /views\.crop/);
  assert.ok(!message.includes('    at '), message);
  const { status, answer } = await post<{ error: string }>('forecast', { ...wish, settings: ['views.crop=[a]'] });
  assert.equal(status, 422);
  assert.match(answer.error, /views\.crop/);
});
