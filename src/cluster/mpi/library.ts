/**
 * The system's MPI library. There is no common binary form of its handles: Open MPI has addresses of objects, MPICH and
 * its kin (Intel MPI, MVAPICH, Cray) have numbers, and libraries of MPI 5 also come in a form that the standard fixes,
 * `libmpi_abi`. Which one a library is, its own version says.
 */
import type { LibraryHandle } from 'koffi';
import { InputError } from '../../core/errors.js';
import type { Launch } from '../launcher.js';

/** What the calls are given: the communicator of all processes, two types and one operation. */
export interface Handles {
  /** How a handle is passed. */
  readonly type: 'int' | 'intptr_t';
  readonly world: number | bigint;
  readonly byte: number | bigint;
  readonly float: number | bigint;
  readonly sum: number | bigint;
}

export interface MpiLibrary {
  readonly library: LibraryHandle;
  readonly handles: Handles;
  /** The first line of its version. */
  readonly version: string;
}

/** MPICH's numbers, fixed by the ABI that its kin agreed on in 2013 (mpich.org/abi). */
const mpich: Handles = { type: 'int', world: 0x44000000, byte: 0x4c00010d, float: 0x4c00040a, sum: 0x58000003 };

/** MPI 5.0, section on the application binary interface. */
const standard: Handles = { type: 'intptr_t', world: 0x101, byte: 0x247, float: 0x210, sum: 0x21 };

const names: Readonly<Record<'standard' | 'Open MPI' | 'MPICH', readonly string[]>> =
  process.platform === 'darwin'
    ? {
        standard: ['libmpi_abi.dylib'],
        'Open MPI': ['libmpi.40.dylib', 'libmpi.dylib'],
        MPICH: ['libmpi.12.dylib', 'libmpich.dylib'],
      }
    : {
        standard: ['libmpi_abi.so.0', 'libmpi_abi.so'],
        'Open MPI': ['libmpi.so.40', 'libmpi.so'],
        MPICH: ['libmpich.so.12', 'libmpi.so.12', 'libmpich.so'],
      };

/**
 * Opens the library that fits the launcher.
 * @param path the library; found by its usual names where absent
 * @throws InputError ('cluster') listing what was tried
 */
export async function openLibrary({ family }: Pick<Launch, 'family'>, path?: string): Promise<MpiLibrary> {
  const koffi = await import('koffi').catch((cause: unknown) => {
    throw new InputError('cluster', 'the package koffi, which calls MPI, cannot be loaded', 'Run npm ci again.', {
      cause,
    });
  });
  const families = family ? [family] : (['Open MPI', 'MPICH'] as const);
  const candidates = path ? [path] : [...names.standard, ...families.flatMap((name) => names[name])];
  const tried: string[] = [];
  for (const name of candidates) {
    let library: LibraryHandle;
    try {
      library = koffi.load(name);
    } catch (error) {
      tried.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
      continue;
    }
    const version = versionOf(library);
    const found = version === null ? null : familyOf(version);
    if (version !== null && found !== null && (family === null || found === family)) {
      // Open MPI loads parts of itself that look for its symbols among those of the whole process.
      const whole = koffi.load(name, { global: true });
      return { library: whole, version: firstLine(version), handles: handlesOf(whole, name, found) };
    }
    library.unload();
    tried.push(`${name}: ${version === null ? 'no MPI library' : firstLine(version)}`);
  }
  throw new InputError(
    'cluster',
    `expected ${family ?? 'an MPI'} library, which started this process among others, found none:\n  ${tried.join('\n  ')}`,
    'Name it with --mpi, such as --mpi /opt/openmpi/lib/libmpi.so.40.',
  );
}

function versionOf(library: LibraryHandle): string | null {
  try {
    const ask = library.func('int MPI_Get_library_version(void *text, void *length)');
    const [text, length] = [new Uint8Array(8192), new Int32Array(1)];
    return ask(text, length) === 0 ? new TextDecoder().decode(text.subarray(0, length[0])).replace(/\0.*$/s, '') : null;
  } catch {
    return null;
  }
}

/** `Open MPI v4.1.4` or `MPICH 4.0.2`. */
function firstLine(version: string): string {
  return version
    .split(/[,\n]/)[0]!
    .replace(/ Version:\s*/, ' ')
    .trim();
}

/** The family of a library, by what it says of itself; null for one that is not known. */
export function familyOf(version: string): 'Open MPI' | 'MPICH' | null {
  if (/open mpi/i.test(version)) return 'Open MPI';
  return /mpich|intel\(r\) mpi|mvapich|cray/i.test(version) ? 'MPICH' : null;
}

function handlesOf(library: LibraryHandle, name: string, family: 'Open MPI' | 'MPICH'): Handles {
  if (/libmpi_abi\b/.test(name)) return standard;
  if (family === 'MPICH') return mpich;
  const address = (symbol: string) => library.symbol(symbol) as bigint;
  return {
    type: 'intptr_t',
    world: address('ompi_mpi_comm_world'),
    byte: address('ompi_mpi_byte'),
    float: address('ompi_mpi_float'),
    sum: address('ompi_mpi_op_sum'),
  };
}
