/**
 * Processes that work on one run together, each with an engine of its own. What they do together all of them must ask
 * for, in the same order; each waits for the others.
 */

/** As the thread that computes sees them: every call blocks. */
export interface PeerGroup {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** What connects them, for the user. */
  readonly name: string;
  /** The bytes of all processes, one after the other by rank; each gives as many. */
  gather(bytes: Uint8Array): Uint8Array;
  /** Makes `bytes` those of rank 0. */
  broadcast(bytes: Uint8Array): void;
  /**
   * Adds up vectors of the name, in rounds: within a round by rank, then round by round, so that the order of summation
   * depends on the number of vectors alone. After the last round `vector` is the sum, in every process.
   */
  sum(name: string, vector: Float32Array, round: Round): void;
  /** What was spent together so far. */
  spent(): Spent;
  /** Ends the group; waits for the others. */
  close(): void;
}

export interface Round {
  readonly first: boolean;
  readonly last: boolean;
}

export interface Spent {
  /** Seconds in calls, waiting for others included. */
  readonly seconds: number;
  /** Bytes that this process sent. */
  readonly bytes: number;
}

/** As the engine's caller sees them. */
export interface Peers {
  readonly rank: number;
  readonly size: number;
  readonly name: string;
  gather(bytes: Uint8Array): Promise<Uint8Array>;
  /** Gives the bytes of rank 0, of which the others must know the number. */
  broadcast(bytes: Uint8Array): Promise<Uint8Array>;
  /** As `PeerGroup.sum`, of a state tensor of the engine. */
  sum(state: string, round: Round): Promise<void>;
  spent(): Promise<Spent>;
  /** Ends the group; waits for the others. A process that ends without it ends them all. */
  leave(): Promise<void>;
}
