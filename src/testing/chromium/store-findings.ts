/** What the page of the private file system found out; the test outside of it judges. */
export interface StoreFindings {
  readonly second: string;
  readonly before: readonly string[];
  readonly config: string | null;
  readonly metrics: string | null;
  readonly best: readonly number[];
  readonly absent: Uint8Array | null;
  readonly inAbsent: readonly string[];
  readonly files: readonly string[];
  readonly list: readonly string[];
  readonly twin: readonly string[];
  readonly twinBest: readonly number[];
  readonly twice: string;
  readonly outside: string;
  readonly copied: string;
  readonly remaining: readonly string[];
  readonly removed: string;
}

export interface StorePage {
  inPage(place: string): Promise<StoreFindings>;
  inWorker(place: string): Promise<StoreFindings>;
}
