/** What every training asks of the place where it runs. */
import type { StartEngine } from '../engine/index.js';
import type { Target } from '../graph/index.js';
import type { WeightFile } from '../weights/index.js';

export interface TrainingHost {
  readonly startEngine: StartEngine;
  /** Whether several processes share the run: the engine then has peers. */
  readonly shared?: boolean;
  /** How graphs for the CPU are built here. */
  readonly cpuTarget: Target;
  /** Bytes that can be allocated without pushing anything out. */
  freeMemory(): number;
  /**
   * The tensors of a run's checkpoint (by the rule of checkpoint-choice.ts) or of a file of weights.
   * @throws InputError ('weights' or 'checkpoint') when nothing is there, or it cannot be read
   */
  readWeights(source: string): Promise<WeightFile>;
  /** SHA-256 of parts one after the other, in hexadecimal digits. */
  digest(parts: Iterable<Uint8Array>): Promise<string>;
}
