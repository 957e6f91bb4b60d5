/** What the page of golden cases offers to the test outside of it, as the global `golden`. */
import type { DeviceChoice } from '../../engine/index.js';
import type { GoldenOutcome, IndexEntry } from '../golden/outcome.js';

export interface GoldenPage {
  /** @param folder the address of the cases @param threads 0 leaves it to a measurement */
  start(device: DeviceChoice, threads: number): Promise<string>;
  run(folder: string, entry: IndexEntry): Promise<GoldenOutcome>;
}
