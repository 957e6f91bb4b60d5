/**
 * What MPI libraries must not do in this process. UCX, with which many of them move data, and Open MPI can rewrite the
 * code of `mmap` and `brk` while other threads run it, to learn of freed memory; and UCX takes over the signals of
 * memory errors, which V8 uses itself. Neither is needed. What the user has set stays.
 */

const settings: Readonly<Record<string, string>> = {
  UCX_MEM_EVENTS: 'n',
  UCX_MEM_MMAP_HOOK_MODE: 'none',
  UCX_MEM_MALLOC_HOOKS: 'n',
  UCX_HANDLE_ERRORS: 'none',
  OMPI_MCA_memory: '^patcher',
};

/** To be called in the main thread, whose environment is the process's, before the library is opened in any. */
export function prepareEnvironment(environment: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(settings)) environment[name] ??= value;
}
