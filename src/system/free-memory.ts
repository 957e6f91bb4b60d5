/** How much memory a process may still take: what the system has left, or less where a control group sets a limit. */
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

/**
 * Bytes that can be allocated without pushing anything out. On Linux this is `MemAvailable`, bounded by the limits of
 * the control group (version 1 or 2) and of those above it; elsewhere what the system calls free.
 * @param root where `proc` and `sys` are found
 */
export function freeMemory(root = '/'): number {
  const kilobytes = read(join(root, 'proc/meminfo'))?.match(/^MemAvailable:\s+(\d+) kB/m)?.[1];
  const system = kilobytes ? Number(kilobytes) * 1024 : freemem();
  return Math.min(system, ...groupFolders(root).map(leftInGroup));
}

/** The folders of the process's memory control group and of all above it. */
function groupFolders(root: string): string[] {
  const folders: string[] = [];
  for (const line of (read(join(root, 'proc/self/cgroup')) ?? '').split('\n')) {
    const [, controllers, path] = line.match(/^\d+:([^:]*):(.*)$/) ?? [];
    if (path === undefined || (controllers !== '' && !controllers!.split(',').includes('memory'))) continue;
    const base = join(root, 'sys/fs/cgroup', controllers ? 'memory' : '');
    const parts = path.split('/').filter(Boolean);
    for (let length = parts.length; length >= 0; length--) folders.push(join(base, ...parts.slice(0, length)));
  }
  return folders;
}

/** The limit less what is used; pages of files that can be dropped count as free. Infinity where there is no limit. */
function leftInGroup(folder: string): number {
  const value = (...names: string[]) =>
    names.map((name) => Number(read(join(folder, name)) ?? Number.NaN)).find(Number.isFinite);
  const limit = value('memory.max', 'memory.limit_in_bytes');
  const used = value('memory.current', 'memory.usage_in_bytes');
  if (limit === undefined || used === undefined) return Number.POSITIVE_INFINITY;
  const droppable = Number(read(join(folder, 'memory.stat'))?.match(/^(?:total_)?inactive_file (\d+)/m)?.[1] ?? 0);
  return Math.max(0, limit - used + droppable);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
