import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ahead } from './ahead.js';

test('the next item is made while one is used, and no more than that', async () => {
  const events: string[] = [];
  const make = async (item: number) => {
    events.push(`make ${item}`);
    return 10 * item;
  };
  for (const [item, made] of ahead([1, 2, 3], make)) events.push(`use ${item}: ${await made}`);
  assert.deepEqual(events, ['make 1', 'make 2', 'use 1: 10', 'make 3', 'use 2: 20', 'use 3: 30']);
});

test('as many are made beside it as is said', async () => {
  const events: string[] = [];
  const make = async (item: number) => events.push(`make ${item}`);
  for (const [item] of ahead([1, 2, 3, 4], make, 2)) events.push(`use ${item}`);
  assert.deepEqual(events, ['make 1', 'make 2', 'make 3', 'use 1', 'make 4', 'use 2', 'use 3', 'use 4']);
});

test('a failure is told at its own item', async () => {
  const make = async (item: number) => {
    if (item === 2) throw new Error('broken');
    return item;
  };
  const found: unknown[] = [];
  for (const [, made] of ahead([1, 2, 3], make)) found.push(await made.catch((error: Error) => error.message));
  assert.deepEqual(found, [1, 'broken', 3]);
});

test('no item gives nothing, and who leaves early leaves no failure behind', async () => {
  assert.deepEqual([...ahead([], async () => 0)], []);
  for (const [item] of ahead([1, 2], () => Promise.reject(new Error('not awaited')))) {
    assert.equal(item, 1);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
});
