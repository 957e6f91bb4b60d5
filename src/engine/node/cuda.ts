/** The libraries of CUDA, which do not travel in the npm package of the runtime. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** What the runtime loads for CUDA, in this order. */
const LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

function libraryPaths(): string[] {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
  return LIBRARIES.map((name) => join(folder, name));
}

/** Asking for them first spares the runtime's own lines on stderr. */
export function missingCudaLibrary(): string | null {
  const platform = `${process.platform}/${process.arch}`;
  if (platform !== 'linux/x64') return `onnxruntime-node has CUDA for linux/x64 only; this is ${platform}`;
  const missing = libraryPaths().find((path) => !existsSync(path));
  return missing ? `its library is not installed (${missing})` : null;
}

/**
 * What the system's loader says of the first library that it cannot load, which names what that needs in turn: CUDA's
 * own libraries, cuDNN. The runtime says that there is one. Null where all load.
 */
export async function whyCudaDoesNotLoad(paths = libraryPaths()): Promise<string | null> {
  const { default: koffi } = await import('koffi');
  for (const path of paths) {
    try {
      koffi.load(path);
    } catch (error) {
      return `${basename(path)}: ${(error as Error).message.replace(/^.*failed to load shared library:\s*/i, '').trim()}`;
    }
  }
  return null;
}
