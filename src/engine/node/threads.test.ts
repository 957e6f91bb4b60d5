/** How many threads an engine takes. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Graph, mul } from '../../graph/index.js';
import { loadGraph } from '../index.js';
import { startEngine } from './index.js';

/** The threads of this process, where Linux tells them. */
const TASKS = '/proc/self/task';
const skip = existsSync(TASKS) ? false : `there is no ${TASKS}`;

/** Threads that are there as soon as an engine has a program. */
async function threadsOf(asked: number, environment: string): Promise<number> {
  process.env.OMP_NUM_THREADS = environment;
  const engine = await startEngine({ device: 'cpu', threads: asked });
  const before = readdirSync(TASKS).length;
  await loadGraph(engine, { y: mul(new Graph().input('x', [2]), 2) });
  const made = readdirSync(TASKS).length - before;
  await engine.close();
  return made + 1;
}

test('what is asked for counts, then OMP_NUM_THREADS', { skip }, async () => {
  const { OMP_NUM_THREADS: before } = process.env;
  try {
    assert.equal(await threadsOf(0, '5'), 5);
    assert.equal(await threadsOf(0, '4,2'), 4);
    assert.equal(await threadsOf(3, '5'), 3);
    const usual = await threadsOf(0, '');
    for (const wrong of ['0', '-2', 'all']) assert.equal(await threadsOf(0, wrong), usual);
  } finally {
    if (before === undefined) delete process.env.OMP_NUM_THREADS;
    else process.env.OMP_NUM_THREADS = before;
  }
});
