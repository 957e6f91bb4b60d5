/**
 * Whether a launcher of MPI started this process among others, and which: each tells its processes by environment
 * variables.
 */

export interface Launch {
  /** The family whose library fits the launcher; null where it serves several. */
  readonly family: 'Open MPI' | 'MPICH' | null;
  readonly rank: number;
  readonly size: number;
  /** Processes of the launch on this host; null where it is not told. */
  readonly local: number | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Null for a process that was started alone. */
export function launchOf(environment: Environment = process.env): Launch | null {
  const number = (...names: string[]) => {
    const text = names.map((name) => environment[name]).find((value) => value !== undefined);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
  };
  const launch = (family: Launch['family'], rank: number | null, size: number | null, local: number | null) =>
    rank !== null && size !== null && size > 1 ? { family, rank, size, local } : null;
  const slurmTasks = number('SLURM_STEP_NUM_TASKS', 'SLURM_NTASKS');
  const slurmLocal = number('SLURM_STEP_TASKS_PER_NODE', 'SLURM_NTASKS_PER_NODE');
  return (
    launch(
      'Open MPI',
      number('OMPI_COMM_WORLD_RANK'),
      number('OMPI_COMM_WORLD_SIZE'),
      number('OMPI_COMM_WORLD_LOCAL_SIZE'),
    ) ??
    launch('MPICH', number('PMI_RANK'), number('PMI_SIZE'), number('MPI_LOCALNRANKS') ?? slurmLocal) ??
    // `srun --mpi=pmix` serves any library that speaks PMIx.
    launch(null, number('PMIX_RANK'), slurmTasks, slurmLocal)
  );
}
