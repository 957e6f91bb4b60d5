/** `--keep-islands`: masks as they are decided, also of classes from which small pieces are removed. */
import type { Command } from 'commander';
import { wrap } from '../core/wrap.js';
import type { Segmenter } from '../use/segmentation/segment.js';

export interface IslandFlags {
  readonly keepIslands?: boolean;
}

export function withIslands(command: Command): Command {
  return command.option(
    '--keep-islands',
    'keep pieces smaller than half of the largest one, too, of classes whose labels are each in one piece',
  );
}

/** The classes from which islands are removed. */
export function islandNames({ single, classes }: Segmenter, { keepIslands = false }: IslandFlags): string[] {
  return keepIslands ? [] : single.map((index) => classes[index]!);
}

/** What is said of them, in lines; nothing where there are none. */
export function islandLines(
  names: readonly string[],
  what = 'without small pieces apart (--keep-islands keeps them)',
): string[] {
  return names.length === 0 ? [] : wrap(`${what}: ${names.join(', ')}`).split('\n');
}
