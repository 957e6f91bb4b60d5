/**
 * MPI called from Node, by both families: gathers, broadcasts, and sums to the bit; which library fits which launcher.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../core/errors.js';
import { launchOf } from '../launcher.js';
import { sharesOf } from '../ordered-sum.js';
import { launch, launcherNames, whyNot } from './fixtures.js';
import { joinMpi } from './group.js';
import { familyOf, openLibrary } from './library.js';

const program = fileURLToPath(new URL('./fixture-sum.js', import.meta.url));

for (const name of launcherNames) {
  test(`${name}: 2, 3 and 4 processes gather, broadcast and sum to the bit`, {
    skip: whyNot(name),
    timeout: 120000,
  }, async () => {
    for (const size of [2, 3, 4]) {
      const { stdout, stderr, code } = await launch(name, size, [program, 'group']).ended;
      assert.equal(code, 0, stderr);
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.equal(lines.length, size);
      for (const line of lines) {
        assert.match(String(line.name), new RegExp(`^${name} v?\\d`));
        assert.deepEqual(line.gathered, Array.from({ length: size }, (_, rank) => [rank + 1, 7]).flat());
        assert.deepEqual([line.size, line.told, line.exact], [size, [1, 2, 3], true]);
      }
    }
  });

  test(`${name}: vectors of any length, in chunks and rounds`, { skip: whyNot(name), timeout: 120000 }, async () => {
    const { stdout, stderr, code } = await launch(name, 3, [program, 'chunks']).ended;
    assert.equal(code, 0, stderr);
    for (const line of stdout.trim().split('\n')) {
      assert.deepEqual(new Set((JSON.parse(line) as { results: boolean[] }).results), new Set([true]), line);
    }
  });
}

test('a library of another family than the launcher is refused, and what was tried is told', {
  skip: whyNot('MPICH'),
}, async () => {
  await assert.rejects(openLibrary({ family: 'Open MPI' }, 'libmpich.so.12'), (error) => {
    return error instanceof InputError && /libmpich\.so\.12: MPICH 4.*--mpi/s.test(error.message);
  });
  await assert.rejects(openLibrary({ family: 'MPICH' }, 'libc.so.6'), /libc\.so\.6: no MPI library/);
  await assert.rejects(openLibrary({ family: 'MPICH' }, 'libnothing.so'), /libnothing\.so: /);
});

test('a process that was started alone is told how to start several', async () => {
  await assert.rejects(joinMpi(), /expected to be one of several processes .*\n.*mpirun -n 4/);
});

test('what the launchers tell', () => {
  const openmpi = {
    OMPI_COMM_WORLD_RANK: '2',
    OMPI_COMM_WORLD_SIZE: '4',
    OMPI_COMM_WORLD_LOCAL_SIZE: '2',
    PMIX_RANK: '2',
  };
  assert.deepEqual(launchOf(openmpi), { family: 'Open MPI', rank: 2, size: 4, local: 2 });
  assert.deepEqual(launchOf({ PMI_RANK: '0', PMI_SIZE: '3', MPI_LOCALNRANKS: '3' }), {
    family: 'MPICH',
    rank: 0,
    size: 3,
    local: 3,
  });
  assert.deepEqual(launchOf({ PMIX_RANK: '1', SLURM_NTASKS: '8' }), { family: null, rank: 1, size: 8, local: null });
  assert.equal(launchOf({ PMI_RANK: '0', PMI_SIZE: '1' }), null);
  assert.equal(launchOf({ SLURM_NTASKS: '8' }), null);
  assert.equal(launchOf({}), null);
});

test('families by their versions', () => {
  assert.equal(familyOf('Open MPI v5.0.3, package: …'), 'Open MPI');
  assert.equal(familyOf('MPICH Version:\t4.2.1\n'), 'MPICH');
  assert.equal(familyOf('Intel(R) MPI Library 2021.12 for Linux* OS'), 'MPICH');
  assert.equal(familyOf('MVAPICH Version: 3.0'), 'MPICH');
  assert.equal(familyOf('Some other MPI 1.0'), null);
});

test('shares differ by one at most and cover all', () => {
  for (const [total, size] of [
    [10, 3],
    [2, 4],
    [0, 2],
    [7, 7],
  ] as const) {
    const { counts, places } = sharesOf(total, size);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      total,
    );
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
    for (const [index, count] of counts.entries()) assert.equal(places[index]! + count, places[index + 1] ?? total);
  }
});
