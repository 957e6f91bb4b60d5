/**
 * A sum of vectors over processes whose bits do not depend on the number of processes. Floating-point sums depend on
 * their order, and MPI chooses that of `MPI_Allreduce` by itself. Here each process owns a share of the elements: it is
 * sent that share of every vector, adds them one after the other, in the order of their numbers, and sends the sum to
 * all. A process sends as much as with the best `MPI_Allreduce`, 2 (n − 1) / n times the vector, where each has one
 * vector.
 *
 * With several vectors each, process r of n has the numbers r, r + n, r + 2n, …: a round after each adds the next n.
 */
import type { Round } from '../core/peers.js';

/** What moves floats between processes. Counts and places are in elements, one for each process. */
export interface Transport {
  readonly rank: number;
  readonly size: number;
  /** Sends each process its part of `given`, and takes what each has for this one. */
  exchange(
    given: Float32Array,
    givenCounts: Int32Array,
    givenPlaces: Int32Array,
    taken: Float32Array,
    takenCounts: Int32Array,
    takenPlaces: Int32Array,
  ): void;
  /** Makes `all` the parts of all processes. */
  collect(own: Float32Array, all: Float32Array, counts: Int32Array, places: Int32Array): void;
  /** `into += values`. */
  add(values: Float32Array, into: Float32Array): void;
}

/** Elements that are moved at once: what is received needs as much memory. */
const CHUNK = 2 ** 22;

export interface OrderedSum {
  /** A round; after the last one `vector` is the sum. */
  add(vector: Float32Array, round: Round): void;
}

export function orderedSum(transport: Transport, length: number, chunk = CHUNK): OrderedSum {
  const { rank, size } = transport;
  const chunks = Array.from({ length: Math.ceil(length / chunk) }, (_, index) => {
    const begin = index * chunk;
    const shares = sharesOf(Math.min(chunk, length - begin), size);
    const own = shares.counts[rank]!;
    return { begin, ...shares, own, taken: evenShares(own, size) };
  });
  const received = new Float32Array(Math.max(0, ...chunks.map(({ own }) => own * size)));
  // Between rounds the sums of all chunks are kept; within one, that of the present chunk.
  let sums: Float32Array[] | undefined;
  const largest = new Float32Array(Math.max(0, ...chunks.map(({ own }) => own)));
  return {
    add(vector, { first, last }) {
      if (!last) sums ??= chunks.map(({ own }) => new Float32Array(own));
      chunks.forEach(({ begin, counts, places, total, own, taken }, index) => {
        const part = vector.subarray(begin, begin + total);
        transport.exchange(part, counts, places, received, taken.counts, taken.places);
        const sum = first && last ? largest.subarray(0, own) : sums![index]!;
        for (let number = 0; number < size; number++) {
          const values = received.subarray(number * own, (number + 1) * own);
          if (first && number === 0) sum.set(values);
          else transport.add(values, sum);
        }
        if (last) transport.collect(sum, part, counts, places);
      });
    },
  };
}

interface Shares {
  readonly counts: Int32Array;
  readonly places: Int32Array;
  readonly total: number;
}

/** So many elements cut into shares that differ by one at most. */
export function sharesOf(total: number, size: number): Shares {
  const edges = Array.from({ length: size + 1 }, (_, index) => Math.floor((total * index) / size));
  const counts = Int32Array.from({ length: size }, (_, index) => edges[index + 1]! - edges[index]!);
  return { counts, places: Int32Array.from(edges.slice(0, size)), total };
}

function evenShares(own: number, size: number): Omit<Shares, 'total'> {
  return {
    counts: new Int32Array(size).fill(own),
    places: Int32Array.from({ length: size }, (_, index) => index * own),
  };
}
