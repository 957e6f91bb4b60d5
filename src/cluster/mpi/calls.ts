/**
 * The calls of MPI that a training needs. Arrays are passed as they lie in memory, nothing is copied on the way. All
 * are made by one thread; an error within MPI ends all processes, by MPI's own rule.
 */
import type { Launch } from '../launcher.js';
import type { Transport } from '../ordered-sum.js';
import { openLibrary } from './library.js';

export interface Mpi extends Transport {
  readonly version: string;
  gather(bytes: Uint8Array, all: Uint8Array): void;
  broadcast(bytes: Uint8Array): void;
  finalize(): void;
}

/**
 * Starts MPI in this thread.
 * @param path the library; found by its usual names where absent
 * @throws InputError ('cluster') when no library fits the launcher
 */
export async function startMpi(launch: Pick<Launch, 'family'>, path?: string): Promise<Mpi> {
  const { library, handles, version } = await openLibrary(launch, path);
  const { type, world, byte, float, sum } = handles;
  /** Declares a call; `H` stands for a handle, `P` for an array. */
  const declare = (name: string, ...parameters: ('H' | 'P' | 'int')[]) => {
    const types = parameters.map((parameter) => ({ H: type, P: 'void *', int: 'int' })[parameter]);
    const call = library.func(`MPI_${name}`, 'int', types);
    return (...values: unknown[]) => {
      const code = call(...values) as number;
      if (code !== 0) throw new Error(`MPI_${name} failed with the code ${code}`);
    };
  };
  const init = declare('Init', 'P', 'P');
  const commRank = declare('Comm_rank', 'H', 'P');
  const commSize = declare('Comm_size', 'H', 'P');
  const allgather = declare('Allgather', 'P', 'int', 'H', 'P', 'int', 'H', 'H');
  const bcast = declare('Bcast', 'P', 'int', 'H', 'int', 'H');
  const alltoallv = declare('Alltoallv', 'P', 'P', 'P', 'H', 'P', 'P', 'P', 'H', 'H');
  const allgatherv = declare('Allgatherv', 'P', 'int', 'H', 'P', 'P', 'P', 'H', 'H');
  const reduceLocal = declare('Reduce_local', 'P', 'P', 'int', 'H', 'H');
  const end = declare('Finalize');

  init(null, null);
  const number = (ask: typeof commRank) => {
    const value = new Int32Array(1);
    ask(world, value);
    return value[0]!;
  };
  return {
    version,
    rank: number(commRank),
    size: number(commSize),
    gather: (bytes, all) => allgather(bytes, bytes.length, byte, all, bytes.length, byte, world),
    broadcast: (bytes) => bcast(bytes, bytes.length, byte, 0, world),
    exchange: (given, givenCounts, givenPlaces, taken, takenCounts, takenPlaces) =>
      alltoallv(given, givenCounts, givenPlaces, float, taken, takenCounts, takenPlaces, float, world),
    collect: (own, all, counts, places) => allgatherv(own, own.length, float, all, counts, places, float, world),
    add: (values, into) => reduceLocal(values, into, values.length, float, sum),
    finalize: () => end(),
  };
}
