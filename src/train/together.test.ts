/** How a batch is shared, what is added up in which order, and what processes that differ are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPeers } from '../cluster/fixtures.js';
import { InputError } from '../core/errors.js';
import { agreeOn, allParts, anyOf, checkShares, inTurn, sameState, shareOf, sumOver } from './together.js';

test('every sample falls to one process, micro-batches in turn', () => {
  const batch = Array.from({ length: 12 }, (_, index) => index);
  assert.deepEqual(shareOf(batch, 2, { rank: 1, size: 3 }), [2, 3, 8, 9]);
  const all = [0, 1, 2].flatMap((rank) => shareOf(batch, 2, { rank, size: 3 }));
  assert.deepEqual(
    all.sort((a, b) => a - b),
    batch,
  );
  assert.deepEqual(shareOf(batch, 3, { rank: 0, size: 1 }), batch);
});

test('a number of processes that the micro-batches cannot be shared by is refused, with those that can', () => {
  checkShares(4, 2, 8);
  assert.throws(
    () => checkShares(4, 3, 8),
    /3 processes: expected a number that divides the 4 micro-batches of the batch of 8\n {2}Start 1, 2, 4 of them/,
  );
});

test('numbers are added by rank, and parts come in the order of the micro-batches', async () => {
  const peers = localPeers(3);
  const values = [0.1, 0.2, 0.3];
  const sums = await Promise.all(peers.map((own, rank) => sumOver(own, { total: values[rank]!, one: 1 })));
  for (const sum of sums) assert.deepEqual(sum, { total: 0.1 + 0.2 + 0.3, one: 3 });
  const parts = await Promise.all(
    peers.map((own, rank) =>
      allParts(
        own,
        [0, 1].map((round) => ({ loss: round * 3 + rank, vec: -rank })),
      ),
    ),
  );
  for (const part of parts) {
    assert.deepEqual(
      part.map(({ loss }) => loss),
      [0, 1, 2, 3, 4, 5],
    );
    assert.deepEqual(
      part.map(({ vec }) => vec),
      [-0, -1, -2, -0, -1, -2],
    );
  }
  assert.deepEqual(await Promise.all(peers.map((own, rank) => anyOf(own, rank === 2))), [true, true, true]);
  assert.deepEqual(await Promise.all(peers.map((own) => anyOf(own, false))), [false, false, false]);
  assert.equal(await anyOf(null, true), true);
});

test('rank 0 acts first', async () => {
  const order: number[] = [];
  await Promise.all(localPeers(3).map((own) => inTurn(own, async () => void order.push(own.rank))));
  assert.equal(order[0], 0);
  assert.equal(order.length, 3);
});

test('all processes end where one differs, and name it', async () => {
  const all = async (facts: readonly Record<string, string>[]) =>
    Promise.all(localPeers(facts.length).map((own, rank) => agreeOn(own, facts[rank]!).then(() => '', String)));
  assert.deepEqual(await all([{ seed: '1' }, { seed: '1' }]), ['', '']);
  for (const text of await all([
    { seed: '1', rate: '2' },
    { seed: '1', rate: '2' },
    { seed: '1', rate: '20' },
  ])) {
    assert.match(text, /rank 2: expected rate 2 as rank 0 has, found 20\n {2}All processes need the same command line/);
  }
  for (const text of await all([{ seed: '1' }, {}]))
    assert.match(text, /rank 1: expected seed 1 as rank 0 has, found none/);
  const states = await Promise.all(
    localPeers(2).map((own, rank) => sameState(own, 7, `digest ${rank}`).catch((e) => e)),
  );
  for (const error of states) {
    assert.ok(
      error instanceof InputError && /parameters after step 7.*\n.*Processors of different kinds/.test(error.message),
    );
  }
});
