/** What the page that reads files offers to the test outside of it, as the global `reading`. */
import type { DataKind } from '../../data/options.js';

export interface ReadValues {
  readonly shape: readonly number[];
  readonly channels: number;
  /** float32 in base64 */
  readonly values: string;
}

export interface ReadPage {
  /** Reads a file that is fetched; the message of an error where it is refused. */
  read(address: string, kind: DataKind): Promise<ReadValues | string>;
}
