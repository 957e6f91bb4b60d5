/** Samples and batches as a training takes them, wherever and by whatever they are made. */

/** Which sample of which epoch; with the seed it decides every draw. */
export interface SampleKey {
  readonly epoch: number;
  readonly sample: number;
  /** The step 1, 2, … of the run that the sample is made for, where its draw depends on it. */
  readonly step?: number;
}

export interface Batch {
  readonly keys: readonly SampleKey[];
  /** For each field of a sample, the values of all samples one after the other. */
  readonly arrays: readonly Float32Array[];
  /** How long `next()` waited for the batch, in milliseconds. */
  readonly waitedMs: number;
}

export interface BatchSource {
  /** One batch out of turn. */
  batch(keys: readonly SampleKey[]): Promise<readonly Float32Array[]>;
  /** Sets the batches that `next()` gives and begins to make them; what was scheduled before is dropped. */
  schedule(batches: Iterable<readonly SampleKey[]>): void;
  /**
   * The next scheduled batch; undefined after the last.
   * @throws InputError naming the sample, the stage and the cause when a sample could not be made
   */
  next(): Promise<Batch | undefined>;
  /** Ends what makes them. One that has workers keeps the process alive while it is open. */
  close(): Promise<void>;
}
