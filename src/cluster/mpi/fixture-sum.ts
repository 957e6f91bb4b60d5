/**
 * What the tests start under `mpirun`: gathers, broadcasts, and sums that must have the bits of one after the other.
 * Each process prints one line of JSON.
 */
import { randomStream } from '../../core/random.js';
import { launchOf } from '../launcher.js';
import { orderedSum } from '../ordered-sum.js';
import { startMpi } from './calls.js';
import { prepareEnvironment } from './environment.js';
import { joinMpi } from './group.js';

/** Numbers whose sum depends on the order. */
function vectorNumbered(number: number, length: number): Float32Array {
  const random = randomStream(number, 'vector');
  return Float32Array.from({ length }, () => random.uniform(-1, 1) * 10 ** random.integer(-6, 6));
}

/** One after the other, as one process adds up micro-batches. */
function sequentialSum(count: number, length: number): Float32Array {
  const sum = vectorNumbered(0, length);
  for (let number = 1; number < count; number++) {
    const values = vectorNumbered(number, length);
    for (let index = 0; index < length; index++) sum[index]! += values[index]!;
  }
  return sum;
}

const equal = (a: Float32Array, b: Float32Array) =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

prepareEnvironment();
if (process.argv[2] === 'chunks') {
  const mpi = await startMpi(launchOf()!);
  const results: boolean[] = [];
  for (const [length, chunk] of [
    [1, 4],
    [10, 4],
    [1001, 100],
    [64, 64],
  ] as const) {
    for (const rounds of [1, 3]) {
      const sum = orderedSum(mpi, length, chunk);
      const vector = new Float32Array(length);
      for (let turn = 0; turn < 2; turn++) {
        for (let round = 0; round < rounds; round++) {
          vector.set(vectorNumbered(round * mpi.size + mpi.rank, length));
          sum.add(vector, { first: round === 0, last: round === rounds - 1 });
        }
        results.push(equal(vector, sequentialSum(rounds * mpi.size, length)));
      }
    }
  }
  console.log(JSON.stringify({ rank: mpi.rank, size: mpi.size, version: mpi.version, results }));
  mpi.finalize();
} else {
  const group = await joinMpi(process.argv[3]);
  const { rank, size, name } = group;
  const gathered = [...group.gather(Uint8Array.of(rank + 1, 7))];
  const told = rank === 0 ? Uint8Array.of(1, 2, 3) : new Uint8Array(3);
  group.broadcast(told);
  const vector = vectorNumbered(rank, 200_000);
  group.sum('gradient', vector, { first: true, last: true });
  const result = {
    rank,
    size,
    name,
    gathered,
    told: [...told],
    exact: equal(vector, sequentialSum(size, vector.length)),
  };
  console.log(JSON.stringify({ ...result, spent: group.spent() }));
  group.close();
}
