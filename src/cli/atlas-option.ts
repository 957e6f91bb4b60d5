/** `--atlas`: a pretrained network and labelled images in the place of a fine-tuned network. */
import { type Command, Option } from 'commander';
import { counted } from '../core/counted.js';
import { InputError } from '../core/errors.js';
import { firstFew } from '../core/lists.js';
import { printable } from '../core/printable.js';
import type { OnWarnings } from '../data/warnings.js';
import { type Atlas, openAtlas } from '../node/index.js';
import { loadModel } from '../node/models.js';
import { type CheckpointFlags, chosenOf } from './checkpoint-option.js';
import { count, type EngineFlags, wholeNumber } from './options.js';

export interface AtlasFlags {
  readonly atlas?: string;
  readonly cases?: number;
  readonly seed?: number;
}

/** `--atlas`, `--cases` and `--seed`. */
export function withAtlas(command: Command): Command {
  return command
    .option(
      '--atlas <folder>',
      'labelled images, whose labels a pretrained network carries to each image, instead of a fine-tuning',
    )
    .addOption(new Option('--cases <n>', 'so many images of the atlas (default: all)').argParser(count))
    .addOption(new Option('--seed <n>', 'draws them, as in a fine-tuning (default: 0)').argParser(wholeNumber));
}

/**
 * The atlas that the flags ask for; null where they ask for none.
 * @param path of the pretrained network
 * @throws InputError ('config') where they say how many of an atlas that is not named
 */
export async function atlasOf(
  path: string,
  flags: AtlasFlags & EngineFlags & CheckpointFlags,
  onWarnings: OnWarnings,
): Promise<Atlas | null> {
  const { atlas: folder, cases, seed } = flags;
  if (folder !== undefined) {
    return openAtlas(loadModel(path, chosenOf(path, flags)), { folder, cases, seed, onWarnings }, flags);
  }
  if (cases === undefined && seed === undefined) return null;
  throw new InputError(
    'config',
    `expected --atlas beside ${cases === undefined ? '--seed' : '--cases'}, found none`,
    'Name the folder of labelled images: --atlas lungs',
  );
}

/** What is said of it. */
export function atlasLine(folder: string, labelled: Atlas['labelled']): string {
  const names = labelled.map(({ id }) => id);
  return printable(`atlas ${folder}: ${counted(names.length, 'labelled image')}, ${firstFew(names, 3)}`);
}
