/** The images that a pretraining was given, as its run wrote them down. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOf } from './unfinished.js';

/**
 * Absolute paths of the images that a run trained on; none where there is no run, or it has no list that can be read: a
 * note is made of them, and no training depends on it.
 * @param path a run folder, or a checkpoint in one
 */
export function pretrainingFiles(path: string): readonly string[] {
  const run = runOf(path);
  if (run === null) return [];
  try {
    const { training } = JSON.parse(readFileSync(join(run, 'data.json'), 'utf8')) as { training?: unknown };
    return Array.isArray(training) ? training.filter((file) => typeof file === 'string') : [];
  } catch {
    return [];
  }
}
