/**
 * Which process this is, written so that another one can tell later whether it still lives. A number alone does not do:
 * it is given again, a reboot begins anew, and each container counts for itself.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it started, in ticks since the boot; null where the system does not tell. */
  readonly started: string | null;
  /** The boot of the machine, and the process table in which `pid` counts; null where the system does not tell. */
  readonly boot: string | null;
  readonly table: string | null;
}

/** @param root where `proc` is found */
export function ownIdentity(root = '/'): ProcessIdentity {
  return {
    host: hostname(),
    pid: process.pid,
    started: processState(process.pid, root)?.started ?? null,
    boot: quietly(() => readFileSync(join(root, 'proc/sys/kernel/random/boot_id'), 'utf8').trim()),
    table: quietly(() => readlinkSync(join(root, 'proc/self/ns/pid'))),
  };
}

/** Whether a process still lives, as far as `self` can see it; undefined where it cannot, as on another host. */
export function stillLives(other: ProcessIdentity, self: ProcessIdentity, root = '/'): boolean | undefined {
  const sameTable = other.host === self.host && other.boot === self.boot && other.table === self.table;
  if (!sameTable) return undefined;
  const found = processState(other.pid, root);
  if (found) return found.runs && found.started === other.started;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return undefined;
}

/** From Linux's table of processes; null where it holds none of this number, or the system has no such table. */
function processState(pid: number, root: string): { readonly started: string; readonly runs: boolean } | null {
  const line = quietly(() => readFileSync(join(root, 'proc', String(pid), 'stat'), 'utf8'));
  if (line === null) return null;
  // The name stands in brackets and may hold any character; the state is field 3, the start field 22.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return { started: fields[19]!, runs: fields[0] !== 'Z' && fields[0] !== 'X' };
}

function quietly<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
