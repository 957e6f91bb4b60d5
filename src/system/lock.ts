/**
 * A lock that is a file, for processes of one host or of many on a shared file system, and that survives neither its
 * process nor its host.
 *
 * - It appears whole and at once: written to a name of its own, then linked to the lock's name, which fails where that
 *   exists.
 * - It names its process. On the same host that process's end is seen in the table of processes. From elsewhere it
 *   counts as dead when the lock has not been renewed for `expiry` seconds; both times that are compared are the file
 *   server's, so clocks of hosts may differ.
 * - Whoever changes a lock, to take it over or to release it, first holds a guard named after the lock's token: a lock
 *   of the same kind. So a dead lock is replaced once, and never a newer one.
 *
 * What it cannot do: a process that is suspended on another host for longer than `expiry` is taken for dead. It learns
 * so by `check`, which is to be called before anything is written.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../core/errors.js';
import { fileError } from './files.js';
import { ownIdentity, type ProcessIdentity, stillLives } from './process-identity.js';

export interface LockOptions {
  /** What is locked, for messages; the lock's folder where absent. */
  readonly name?: string;
  /** Seconds without a sign of life after which a process that cannot be seen counts as dead. */
  readonly expiry?: number;
  /** Seconds between two signs of life. */
  readonly beat?: number;
  /** Who asks; this process where absent. */
  readonly self?: ProcessIdentity;
}

export interface Lock {
  readonly path: string;
  /** @throws InputError ('file') where the lock is no longer this process's */
  check(): void;
  /** May be called twice. Happens by itself when the process exits. */
  release(): void;
}

/** Who holds a lock. */
export interface Holder extends ProcessIdentity {
  /** When it took the lock, by its own clock, as in ISO 8601. */
  readonly since: string;
  /** Seconds since its last sign of life; below zero where the file server's clock was set back. */
  readonly silence: number;
}

interface Found extends Holder {
  readonly token: string;
}

/** A lock file that is this process's. */
interface Claim {
  readonly path: string;
  readonly token: string;
  /** Open on the file itself, so that a sign of life never goes to the lock of another. */
  readonly file: number;
}

const EXPIRY = 180;
const BEAT = 15;

/** So often a lock is asked for that changes hands at this moment, with so many ms between. */
const TRIES = 200;
const PAUSE = 10;

/**
 * Takes a lock, or tells who holds it. A lock whose process is dead is taken over.
 * @param path the lock's file; its folder is made where needed
 * @throws InputError ('file') where the folder cannot be written
 */
export async function tryLock(path: string, options: LockOptions = {}): Promise<Lock | Holder> {
  const { expiry = EXPIRY, beat = BEAT, name = dirname(path), self = ownIdentity() } = options;
  mkdirOf(path);
  for (let left = TRIES; left > 0; left--) {
    const found = attempt(path, self, expiry);
    if (found === 'busy') await sleep(PAUSE);
    else if ('file' in found) return lockOf(found, { expiry, beat, name, self });
    else return found;
  }
  throw new InputError(
    'file',
    `${name}: another process is taking over the lock of a dead one, and has not ended doing so`,
    `Try again; if it died over it, that is seen ${expiry} s later.`,
  );
}

/**
 * Takes a lock.
 * @throws InputError ('file') naming the process that holds it, its host and since when
 * @example
 * const lock = await acquireLock('runs/xrays/run.lock', { name: 'runs/xrays' });
 * try { … } finally { lock.release(); }
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<Lock> {
  const found = await tryLock(path, options);
  if ('release' in found) return found;
  const { name = dirname(path), expiry = EXPIRY } = options;
  throw new InputError(
    'file',
    `${name}: ${holderText(found)} is at work here`,
    `Wait until it has ended, or choose another folder. If it has died already, its lock is taken over ${expiry} s after its last sign of life.`,
  );
}

/**
 * Does something while no other process does the same; waits for its turn.
 * @param options `retry`: ms between two times of asking
 */
export async function withLock<T>(
  path: string,
  act: () => T | Promise<T>,
  { retry = 100, ...options }: LockOptions & { readonly retry?: number } = {},
): Promise<T> {
  let lock = await tryLock(path, options);
  while (!('release' in lock)) {
    await sleep(retry * (1 + Math.random()));
    lock = await tryLock(path, options);
  }
  try {
    return await act();
  } finally {
    lock.release();
  }
}

/** Who holds the lock at `path`; null where nobody does, or its process is dead. Of another host this clock decides. */
export function lockHolder(path: string): Holder | null {
  const found = existsSync(path) ? readLock(path, Date.now() / 1000) : null;
  return found && !isDead(found, ownIdentity(), EXPIRY) ? withoutToken(found) : null;
}

/** `process 4711 on node7, since 2026-03-01T08:30:00Z, last sign of life 4 s ago`. */
export function holderText({ host, pid, since, silence }: Holder): string {
  const life = silence < 0 ? 'last sign of life in the future' : `last sign of life ${Math.round(silence)} s ago`;
  return `process ${pid} on ${host}, since ${since}, ${life},`;
}

/** One try. `busy` where the lock was being changed. */
function attempt(path: string, self: ProcessIdentity, expiry: number): Claim | Holder | 'busy' {
  const own = writeClaim(path, self);
  let kept = false;
  try {
    const placed = place(own, path, self);
    if (placed) {
      kept = placed.file === own.file;
      return placed;
    }
    const now = fstatSync(own.file).mtimeMs / 1000;
    const found = readLock(path, now);
    if (!found) return 'busy';
    if (!isDead(found, self, expiry)) return withoutToken(found);
    const guard = attempt(`${path}.${found.token}`, self, expiry);
    if (guard === 'busy' || !('file' in guard)) return 'busy';
    try {
      const still = readLock(path, now);
      if (still?.token !== found.token || !isDead(still, self, expiry)) return 'busy';
      renameSync(own.path, path);
      kept = true;
      return { ...own, path };
    } finally {
      drop(guard);
    }
  } catch (error) {
    // Whoever holds the lock may have tidied the folder, and this claim with it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'busy';
    throw error instanceof InputError ? error : fileError(path, error);
  } finally {
    if (!kept) closeSync(own.file);
    rmSync(own.path, { force: true });
  }
}

/** The lock under a name of its own; the file's time is the server's present. */
function writeClaim(path: string, self: ProcessIdentity): Claim {
  const token = randomBytes(8).toString('hex');
  const temporary = `${path}.${token}.tmp`;
  let file: number | undefined;
  try {
    file = openSync(temporary, 'wx');
    writeHolder(file, token, self);
    return { path: temporary, token, file };
  } catch (error) {
    if (file !== undefined) closeSync(file);
    rmSync(temporary, { force: true });
    throw fileError(path, error);
  }
}

function writeHolder(file: number, token: string, self: ProcessIdentity): void {
  writeSync(file, `${JSON.stringify({ token, ...self, since: new Date().toISOString() })}\n`, 0);
  fsyncSync(file);
}

/** Gives a claim the lock's name, unless that is taken. */
function place(own: Claim, path: string, self: ProcessIdentity): Claim | null {
  try {
    linkSync(own.path, path);
    return { ...own, path };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A network file system may do what it was asked for, lose its answer, and be asked again.
    if (code === 'EEXIST') return fstatSync(own.file).nlink === 2 ? { ...own, path } : null;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code ?? '')) throw error;
    return placeWithoutLinks(own, path, self);
  }
}

/** For file systems without hard links: the lock is there a moment before its content. */
function placeWithoutLinks({ token }: Claim, path: string, self: ProcessIdentity): Claim | null {
  try {
    const file = openSync(path, 'wx');
    writeHolder(file, token, self);
    return { path, token, file };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
}

/**
 * The lock at `path`; null where there is none. One that cannot be read counts by its age alone.
 * @param now the file server's, in seconds
 */
function readLock(path: string, now: number): Found | null {
  let file: number;
  try {
    // To open a file asks a network file system anew; `stat` may answer from memory.
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const silence = now - fstatSync(file).mtimeMs / 1000;
    return { ...(parseHolder(readFileSync(file, 'utf8')) ?? UNREADABLE), silence };
  } finally {
    closeSync(file);
  }
}

const UNREADABLE: Omit<Found, 'silence'> = {
  ...{ token: 'unreadable', host: 'an unknown host', pid: 0, started: null, boot: null, table: null },
  since: 'an unknown time',
};

function parseHolder(text: string): Omit<Found, 'silence'> | null {
  try {
    const found = JSON.parse(text) as Omit<Found, 'silence'>;
    // The token becomes part of a file's name.
    return /^[0-9a-f]{16}$/.test(found.token) && Number.isInteger(found.pid) ? found : null;
  } catch {
    return null;
  }
}

function withoutToken({ token: _, ...holder }: Found): Holder {
  return holder;
}

function isDead(found: Found, self: ProcessIdentity, expiry: number): boolean {
  const lives = found.token === UNREADABLE.token ? undefined : stillLives(found, self);
  return lives === undefined ? found.silence > expiry : !lives;
}

/** Removes a guard, whose holder never keeps it for long. */
function drop({ path, token, file }: Claim): void {
  closeSync(file);
  if (readLock(path, 0)?.token === token) rmSync(path, { force: true });
}

function lockOf(claim: Claim, { expiry, beat, name, self }: Required<LockOptions>): Lock {
  const { path, token, file } = claim;
  removeLeftOvers(path, expiry);
  let open = true;
  const timer = setInterval(() => {
    try {
      writeSync(file, '{', 0);
      fsyncSync(file);
    } catch {
      // Whether the lock was lost is what `check` tells.
    }
  }, beat * 1000).unref();
  const release = () => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    process.off('exit', release);
    closeSync(file);
    try {
      if (readLock(path, 0)?.token !== token) return;
      // Where another is about to take the lock over, it is left to that one.
      const guard = attempt(`${path}.${token}`, self, expiry);
      if (guard === 'busy' || !('file' in guard)) return;
      if (readLock(path, 0)?.token === token) rmSync(path, { force: true });
      drop(guard);
    } catch {
      // A lock that cannot be removed is that of a dead process soon.
    }
  };
  process.on('exit', release);
  return {
    path,
    check() {
      const found = readLock(path, 0);
      if (open && found?.token === token) return;
      throw new InputError(
        'file',
        found
          ? `${name}: process ${found.pid} on ${found.host} has taken over, as this process gave no sign of life for more than ${expiry} s`
          : `${name}: expected the lock ${path} of this process, found none; was the folder removed?`,
        'Nothing more is written here.',
      );
    },
    release,
  };
}

/** What processes that were killed while they took a lock have left beside it. */
function removeLeftOvers(path: string, expiry: number): void {
  const folder = dirname(path);
  const now = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const left = join(folder, name);
    const time = statSync(left, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (now - time > 2 * expiry * 1000) rmSync(left, { force: true });
  }
}

function mkdirOf(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw fileError(path, error);
  }
}
