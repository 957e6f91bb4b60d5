/** The run folders below a folder. Links are not followed, and what belongs to a run is not searched. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Folders within folders that are searched at most: `RUNS/benchmark/cell/run` is three deep. */
const DEPTH = 5;
const MOST = 5000;
/** What makes a folder a run: its metrics, its configuration, or the studio's note of the process that it began. */
const MARKS = ['metrics.jsonl', 'config.yaml', 'job.json'];
const SKIPPED = new Set(['checkpoints', 'samples', 'cache', 'node_modules']);

/** The ids of all runs: paths below `root`, `.` for the root itself. */
export function findRuns(root: string): string[] {
  const found: string[] = [];
  const search = (folder: string, depth: number) => {
    if (found.length >= MOST) return;
    const entries = list(folder);
    if (entries.some((entry) => entry.isFile() && MARKS.includes(entry.name))) {
      found.push(relative(root, folder).split(sep).join('/') || '.');
      return;
    }
    if (depth === DEPTH) return;
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue;
      search(join(folder, entry.name), depth + 1);
    }
  };
  search(root, 0);
  return found.sort();
}

function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
