/** What the page that reads files offers to the test outside of it, as the global `reading`. */
import type { DataKind } from '../../data/options.js';

export interface ReadValues {
  readonly shape: readonly number[];
  readonly channels: number;
  /** Of a volume, as its file has it. */
  readonly affine: readonly number[];
  /** float32 in base64 */
  readonly values: string;
}

export interface ReadPage {
  /** Reads a file that is fetched, or several that are a series; the message of an error where it is refused. */
  read(address: string | readonly string[], kind: DataKind): Promise<ReadValues | string>;
}
