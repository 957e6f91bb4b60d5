/** What trainings ask of a page: an engine in a worker, the memory that a page can have, weights of runs, hashes. */
import { joined } from '../core/bytes.js';
import { InputError } from '../core/errors.js';
import { CPU_TARGET, startEngine } from '../engine/web/index.js';
import { chooseCheckpoint } from '../train/checkpoint-choice.js';
import type { TrainingHost } from '../train/host.js';
import { RunFolder } from '../train/run-folder.js';
import { sha256 } from '../weights/index.js';
import { readWeights } from '../weights/read.js';
import { OpfsStore } from './opfs-store.js';

export interface PageOptions {
  /** The address of the folder with the runtime's files; see `startEngine`. */
  readonly assets?: string;
  /**
   * Where the images lie in the private file system, such as `data/xrays`; where the configuration says, if absent. A
   * run that began elsewhere names a place that this browser does not have.
   */
  readonly images?: string;
}

/** WebAssembly of 32 bits reaches no further. */
const MOST_MEMORY = 2 ** 32;

export function pageHost({ assets }: PageOptions = {}): TrainingHost {
  return {
    startEngine: (options) => startEngine({ ...options, ...(assets === undefined ? {} : { assets }) }),
    cpuTarget: CPU_TARGET,
    freeMemory() {
      const { deviceMemory } = navigator as { readonly deviceMemory?: number };
      return deviceMemory ? Math.min(MOST_MEMORY, deviceMemory * 2 ** 30) : MOST_MEMORY;
    },
    readWeights: async (source) => {
      const { bytes, path } = await weightBytes(source);
      return readWeights(bytes, path);
    },
    digest: async (parts) => sha256(joined(Array.from(parts, (part) => part.slice()))),
  };
}

/** Of a run its best or latest checkpoint; else the file of that path in the private file system. */
async function weightBytes(source: string): Promise<{ readonly bytes: Uint8Array; readonly path: string }> {
  const run = new RunFolder(new OpfsStore(source));
  const names = await run.store.list('checkpoints');
  if (names.length > 0) {
    const name = chooseCheckpoint(names, source);
    return { bytes: (await run.readCheckpoint(name))!, path: run.checkpointPath(name) };
  }
  const bytes = await new OpfsStore('').read(source);
  if (bytes) return { bytes, path: source };
  throw new InputError(
    'checkpoint',
    `${source}: expected a run or a file of weights, found nothing of that name in this browser`,
    'Runs are named as runs/NAME.',
  );
}
