/** Locks: one holder at a time, whoever is killed and wherever; what each sees of the others. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../core/errors.js';
import { acquireLock, lockHolder, tryLock } from './lock.js';
import { ownIdentity, type ProcessIdentity, stillLives } from './process-identity.js';

const root = mkdtempSync(join(tmpdir(), 'cover-lock-'));
after(() => rmSync(root, { recursive: true, force: true }));
const pathOf = (name: string) => join(root, name, 'run.lock');
const here = ownIdentity();
const elsewhere: ProcessIdentity = { ...here, host: 'node7', boot: 'another boot', pid: 4711 };
const age = (path: string, seconds: number) => {
  const time = Date.now() / 1000 - seconds;
  utimesSync(path, time, time);
};
const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof InputError && error.code === 'file' && pattern.test(error.message);

test('one process at a time; the other is told which, where and since when', async () => {
  const path = pathOf('one');
  const lock = await acquireLock(path, { name: 'runs/one' });
  await assert.rejects(
    acquireLock(path, { name: 'runs/one' }),
    refused(
      new RegExp(`runs/one: process ${here.pid} on ${here.host}, since \\d{4}-.*Z, last sign of life \\d+ s ago`),
    ),
  );
  lock.check();
  lock.release();
  lock.release();
  assert.deepEqual(readdirSync(join(root, 'one')), []);
  assert.throws(() => lock.check(), refused(/expected the lock .*run\.lock of this process, found none/));
  const next = await acquireLock(path);
  rmSync(join(root, 'one'), { recursive: true });
  assert.throws(() => next.check(), refused(/was the folder removed\?/));
  next.release();
});

test('signs of life renew the lock', async () => {
  const path = pathOf('beat');
  const lock = await acquireLock(path, { beat: 0.02 });
  age(path, 1000);
  await sleep(200);
  assert.ok(Date.now() - statSync(path).mtimeMs < 500);
  assert.equal(lockHolder(path)?.pid, here.pid);
  lock.release();
});

test('processes that die with the lock in their hands lose nothing of what the others did', {
  timeout: 60000,
}, async () => {
  const [folder, rounds, processes] = [join(root, 'killed'), 8, 5];
  mkdirSync(folder);
  writeFileSync(join(folder, 'count'), '0');
  const program = `
    import { readFileSync, writeFileSync, appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { tryLock } from ${JSON.stringify(new URL('./lock.js', import.meta.url).href)};
    const folder = ${JSON.stringify(folder)};
    for (let round = 1; round <= ${rounds}; round++) {
      let lock = await tryLock(folder + '/lock');
      while (!lock.release) { await sleep(3); lock = await tryLock(folder + '/lock'); }
      const count = Number(readFileSync(folder + '/count', 'utf8'));
      await sleep(2);
      writeFileSync(folder + '/count', String(count + 1));
      appendFileSync(folder + '/log', 'x');
      if (round % 4 === 0 && round < ${rounds}) lock.check();
      if (round === ${rounds}) process.kill(process.pid, 'SIGKILL');
      lock.release();
    }`;
  const ends = Array.from({ length: processes }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    return new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
  });
  assert.deepEqual(
    await Promise.all(ends),
    Array.from({ length: processes }, () => 'SIGKILL'),
  );
  const total = processes * rounds;
  assert.equal(Number(readFileSync(join(folder, 'count'), 'utf8')), total);
  assert.equal(readFileSync(join(folder, 'log'), 'utf8').length, total);
  const last = await acquireLock(join(folder, 'lock'));
  last.release();
});

test('on another host, after a reboot or in another container the last sign of life decides', async () => {
  for (const [name, self] of Object.entries({
    host: elsewhere,
    reboot: { ...here, boot: 'the boot before' },
    container: { ...here, table: 'pid:[1]' },
  })) {
    const path = pathOf(name);
    const old = await acquireLock(path, { self, beat: 1000 });
    await assert.rejects(acquireLock(path), refused(new RegExp(`process ${self.pid} on ${self.host}`)), name);
    age(path, 100);
    await assert.rejects(acquireLock(path), refused(/last sign of life 1\d\d s ago/), name);
    age(path, 200);
    const next = await acquireLock(path, { name });
    assert.throws(() => old.check(), refused(new RegExp(`process ${here.pid} on .* has taken over`)), name);
    old.release();
    next.check();
    next.release();
    assert.equal(existsSync(path), false);
  }
});

test('who holds a lock is told of the living alone', async () => {
  for (const [name, self] of Object.entries({ gone: { ...here, started: '1' }, silent: elsewhere })) {
    const path = pathOf(name);
    const lock = await acquireLock(path, { self, beat: 1000 });
    if (name === 'silent') {
      age(path, 100);
      assert.equal(lockHolder(path)?.host, 'node7');
      age(path, 200);
    }
    assert.equal(lockHolder(path), null, name);
    lock.release();
  }
});

test('a time in the future is no sign of death', async () => {
  const path = pathOf('future');
  const old = await acquireLock(path, { self: elsewhere, beat: 1000 });
  age(path, -5000);
  await assert.rejects(acquireLock(path), refused(/last sign of life in the future/));
  old.release();
});

test('a number that another process has since been given is not the one that held the lock', async () => {
  const path = pathOf('again');
  await acquireLock(path, { self: { ...here, started: '1' } });
  const next = await acquireLock(path);
  next.release();
});

test('a lock without content is that of a process being born, or of one that died young', async () => {
  for (const content of ['', '{"token":"../../x","pid":1}', '\u0000']) {
    const path = pathOf('empty');
    mkdirSync(join(root, 'empty'), { recursive: true });
    writeFileSync(path, content);
    await assert.rejects(acquireLock(path), refused(/an unknown host/));
    age(path, 200);
    (await acquireLock(path)).release();
    assert.deepEqual(readdirSync(join(root, 'empty')), []);
  }
});

test('who died while taking over a dead lock does not keep it from others; what was left is removed', async () => {
  const path = pathOf('guard');
  const dead = { ...here, started: '1' };
  await acquireLock(path, { self: dead });
  const { token } = JSON.parse(readFileSync(path, 'utf8')) as { token: string };
  await acquireLock(`${path}.${token}`, { self: dead });
  writeFileSync(`${path}.0123456789abcdef.tmp`, '');
  age(`${path}.0123456789abcdef.tmp`, 1000);
  const next = await acquireLock(path);
  assert.deepEqual(readdirSync(join(root, 'guard')), ['run.lock']);
  next.release();
});

test('many at once: one gets the lock of the dead', async () => {
  const path = pathOf('many');
  await acquireLock(path, { self: { ...here, started: '1' } });
  const found = await Promise.all(Array.from({ length: 20 }, () => tryLock(path)));
  const held = found.filter((lock) => 'release' in lock);
  assert.equal(held.length, 1);
});

test('a folder that cannot be made is the folder error', async () => {
  writeFileSync(join(root, 'file'), '');
  await assert.rejects(acquireLock(join(root, 'file', 'run.lock')), refused(/a part of this path is a file/));
});

test('what the table of processes says of a process', { skip: process.platform !== 'linux' }, () => {
  const proc = (pid: number, line: string) => {
    mkdirSync(join(root, 'proc', String(pid)), { recursive: true });
    writeFileSync(join(root, 'proc', String(pid), 'stat'), line);
  };
  const numbers = Array.from({ length: 18 }, (_, k) => k).join(' ');
  proc(7, `7 (a ) b) S ${numbers} 555 0`);
  proc(8, `8 (gone) Z ${numbers} 555 0`);
  const of = (pid: number, started = '555') => stillLives({ ...here, pid, started }, here, root);
  assert.equal(of(7), true);
  assert.equal(of(7, '556'), false);
  assert.equal(of(8), false);
  assert.equal(of(2 ** 22 + 1), false);
  assert.equal(of(process.pid), undefined);
  assert.equal(stillLives(elsewhere, here), undefined);
  assert.equal(stillLives(here, here), true);
});
