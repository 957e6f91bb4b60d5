/** What processes are told of each other's end, and what a herald says when no one else can. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { localPeers } from './fixtures.js';
import { speaksFirst } from './herald.js';
import { startWatch } from './watch.js';

const root = mkdtempSync(join(tmpdir(), 'cover-watch-'));
after(() => rmSync(root, { recursive: true, force: true }));

async function three() {
  const told: string[][] = [[], [], []];
  const watches = await Promise.all(
    localPeers(3).map((peers, rank) =>
      startWatch(peers, {
        onLost: (member) => told[rank]!.push(`lost ${member.rank}`),
        onEnded: () => told[rank]!.push('ended'),
        onBlind: (reason) => told[rank]!.push(reason),
      }),
    ),
  );
  await sleep(100);
  return { told, watches };
}

test('who ends as it should is no death; who fails says so to all', {
  skip: process.platform === 'win32',
}, async () => {
  const first = await three();
  assert.deepEqual(
    first.watches[1]!.members.map(({ rank, host, pid }) => [rank, host, pid]),
    [0, 1, 2].map((rank) => [rank, hostname(), process.pid]),
  );
  assert.equal(new Set(first.watches.map(({ token }) => token)).size, 1);
  for (const watch of first.watches) watch.end(false);
  const second = await three();
  second.watches[0]!.end(true);
  const third = await three();
  third.watches[2]!.end(true);
  await sleep(700);
  assert.deepEqual(first.told, [[], [], []]);
  assert.deepEqual(second.told, [[], ['ended'], ['ended']]);
  assert.deepEqual(third.told[0], ['ended']);
  for (const watch of [...second.watches, ...third.watches]) watch.end(false);
});

test('the herald of a process that is killed speaks, once, with the last checkpoint', {
  skip: process.platform === 'win32',
}, async () => {
  const [mark, checkpoints] = [join(root, 'mark'), join(root, 'checkpoints')];
  mkdirSync(checkpoints);
  for (const step of [2, 4]) writeFileSync(join(checkpoints, `step-0000000${step}.safetensors`), '');
  const program = `
    const { startHerald } = await import(${JSON.stringify(new URL('./herald.js', import.meta.url).href)});
    const member = { rank: Number(process.argv[1]), host: 'node7', pid: process.pid };
    const herald = startHerald(member, ${JSON.stringify(checkpoints)}, ${JSON.stringify(mark)});
    if (process.argv[2] === 'well') { herald.dismiss(); setTimeout(() => process.exit(0), 100); }
    else setTimeout(() => process.kill(process.pid, 'SIGKILL'), 200);
    setInterval(() => {}, 1000);`;
  const run = (...args: string[]) =>
    new Promise<string>((resolve) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, ...args]);
      let text = '';
      child.stderr.on('data', (part) => (text += part));
      child.on('close', () => resolve(text));
    });
  assert.equal(await run('1', 'well'), '');
  const spoken = (await Promise.all([run('2'), run('3')])).filter((text) => text !== '');
  assert.equal(spoken.length, 1, spoken.join());
  assert.match(
    spoken[0]!,
    /^\nerror: rank [23] \(process \d+ on node7\) has died, and with it the run\n {2}The last checkpoint is .*step-00000004\.safetensors\. Go on/,
  );
  assert.equal(speaksFirst(mark), false);
  for (let wait = 0; existsSync(mark) && wait < 100; wait++) await sleep(100);
  assert.equal(speaksFirst(mark), true);
});
