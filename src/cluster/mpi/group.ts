/** The processes of an MPI launch as a group of peers. */
import { InputError } from '../../core/errors.js';
import type { PeerGroup } from '../../core/peers.js';
import { launchOf } from '../launcher.js';
import { type OrderedSum, orderedSum } from '../ordered-sum.js';
import { startMpi } from './calls.js';

/**
 * Joins the processes that the launcher started.
 * @param path the MPI library; found by its usual names where absent
 * @throws InputError ('cluster') where no launcher started this process among others, or its library cannot be used
 */
export async function joinMpi(path?: string): Promise<PeerGroup> {
  const launch = launchOf();
  if (!launch) {
    throw new InputError(
      'cluster',
      'expected to be one of several processes that a launcher of MPI has started, found none of its variables',
      'Example: mpirun -n 4 npx cover pretrain xrays/ -o runs/first',
    );
  }
  const mpi = await startMpi(launch, path);
  const { rank, size, version } = mpi;
  if (size !== launch.size) {
    throw new InputError(
      'cluster',
      `expected ${launch.size} processes, as the launcher says, found ${size} with ${version}`,
      'The library and the launcher are of two installations: name the library with --mpi.',
    );
  }
  const sums = new Map<string, OrderedSum>();
  let [seconds, bytes] = [0, 0];
  const timed = <T>(sent: number, call: () => T): T => {
    const started = performance.now();
    const value = call();
    seconds += (performance.now() - started) / 1000;
    bytes += sent;
    return value;
  };
  return {
    rank,
    size,
    name: version,
    gather: (own) =>
      timed(own.length * (size - 1), () => {
        const all = new Uint8Array(own.length * size);
        mpi.gather(own, all);
        return all;
      }),
    broadcast: (own) => timed(rank === 0 ? own.length * (size - 1) : 0, () => mpi.broadcast(own)),
    sum(name, vector, round) {
      const key = `${name} ${vector.length}`;
      const sum = sums.get(key) ?? orderedSum(mpi, vector.length);
      sums.set(key, sum);
      const once = (vector.byteLength * (size - 1)) / size;
      timed(round.last ? 2 * once : once, () => sum.add(vector, round));
    },
    spent: () => ({ seconds, bytes }),
    close: () => mpi.finalize(),
  };
}
